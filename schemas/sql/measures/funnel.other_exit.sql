-- funnel.other_exit, version 1: Left the queue otherwise: removed, overflowed, lost sight of.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'other_exit') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
