-- funnel.queued, version 1: Asked and were not turned away; a direct connection waits 0.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE queued_ms IS NOT NULL) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
