-- after_call.mean, version 1: Mean after-call work of those served, where it was recorded.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(after_call_ms) FILTER (connected_ms IS NOT NULL), 0)::BIGINT AS numerator,
       count(after_call_ms) FILTER (connected_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
