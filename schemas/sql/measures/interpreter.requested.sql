-- interpreter.requested, version 1: Phone contacts for which an interpreter was asked to join.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(interpreter_requested_ms) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
