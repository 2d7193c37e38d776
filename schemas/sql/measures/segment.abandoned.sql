-- segment.abandoned, version 1: Passes that ended because the customer disconnected.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (how = 'abandoned') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
