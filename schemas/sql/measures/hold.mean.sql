-- hold.mean, version 1: Mean time on hold, of those served who were put on hold.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(hold_ms) FILTER (connected_ms IS NOT NULL), 0)::BIGINT AS numerator,
       count(*) FILTER (connected_ms IS NOT NULL AND hold_ms > 0) AS denominator
FROM cohort
GROUP BY ALL;
