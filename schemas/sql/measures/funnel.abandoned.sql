-- funnel.abandoned, version 1: The customer disconnected while queued.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'abandoned') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
