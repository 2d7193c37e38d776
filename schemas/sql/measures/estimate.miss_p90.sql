-- estimate.miss_p90, version 1: For nine in ten of the announcements that were then answered, the
-- difference between announced and true wait, without its sign, was this or less, in whole seconds.
SELECT period_start_ms, period_end_ms, zone, dims,
       quantile_disc(miss_ms // 1000, 0.90) AS numerator,
       count(miss_ms) AS denominator
FROM cohort
GROUP BY ALL;
