-- persistence.p90, version 1: Nine in ten of the phone contacts served whose caller is known and
-- not a representative took this many attempts or fewer.
SELECT period_start_ms, period_end_ms, zone, dims,
       quantile_disc(attempts, 0.90) FILTER (NOT representative) AS numerator,
       count(attempts) FILTER (NOT representative) AS denominator
FROM cohort
GROUP BY ALL;
