-- callback.pending, version 1: Accepted; not yet connected, cancelled or given up.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE callback_pending) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
