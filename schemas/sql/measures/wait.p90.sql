-- wait.p90, version 1: Nine in ten of those served waited this long or less.
SELECT period_start_ms, period_end_ms, zone, dims,
       quantile_disc(wait_ms // 1000, 0.90) AS numerator,
       count(wait_ms) AS denominator
FROM cohort
GROUP BY ALL;
