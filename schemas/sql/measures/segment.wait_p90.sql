-- segment.wait_p90, version 1: Nine in ten of the answered passes lasted this long or less, in
-- whole seconds.
SELECT period_start_ms, period_end_ms, zone, dims,
       quantile_disc(wait_ms // 1000, 0.90) FILTER (how = 'answered') AS numerator,
       count(*) FILTER (how = 'answered') AS denominator
FROM cohort
GROUP BY ALL;
