-- abandon.time_median, version 1: Half of those who abandoned did so within this time.
SELECT period_start_ms, period_end_ms, zone, dims,
       quantile_disc(queue_ms // 1000, 0.50) FILTER (WHERE place = 'abandoned') AS numerator,
       count(*) FILTER (WHERE place = 'abandoned') AS denominator
FROM cohort
GROUP BY ALL;
