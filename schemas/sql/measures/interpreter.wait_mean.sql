-- interpreter.wait_mean, version 1: Mean time from the first request to the interpreter's joining:
-- the sum over the contacts that one joined, divided by their number.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(interpreter_wait_ms), 0)::BIGINT AS numerator,
       count(interpreter_joined_ms) AS denominator
FROM cohort
GROUP BY ALL;
