-- parliamentary.age_p90, version 1: Parliamentary enquiries: nine in ten of the open ones were
-- received this many whole days of 24 hours ago or fewer.
SELECT period_start_ms, period_end_ms, zone, dims,
       quantile_disc(elapsed_whole_days, 0.90) FILTER (parliamentary AND open) AS numerator,
       count(*) FILTER (parliamentary AND open) AS denominator
FROM cohort
GROUP BY ALL;
