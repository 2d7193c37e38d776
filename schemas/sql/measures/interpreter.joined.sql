-- interpreter.joined, version 1: Phone contacts that an interpreter joined once asked for.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(interpreter_joined_ms) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
