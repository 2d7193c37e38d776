-- after_call.mean, version 1: Mean after-call work, where it was recorded.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(after_call_ms), 0)::BIGINT AS numerator,
       count(after_call_ms) AS denominator
FROM cohort
GROUP BY ALL;
