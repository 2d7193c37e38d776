-- wait.mean, version 1: Mean wait from the first ask until agent and customer are both
-- connected, live or by callback.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(wait_ms), 0)::BIGINT AS numerator,
       count(wait_ms) AS denominator
FROM cohort
GROUP BY ALL;
