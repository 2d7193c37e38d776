-- parliamentary.delay_p90, version 1: Parliamentary enquiries: nine in ten of the answered ones
-- were answered after this many whole days of 24 hours or fewer.
SELECT period_start_ms, period_end_ms, zone, dims,
       quantile_disc(delay_ms // 86400000, 0.90) FILTER (parliamentary) AS numerator,
       count(delay_ms) FILTER (parliamentary) AS denominator
FROM cohort
GROUP BY ALL;
