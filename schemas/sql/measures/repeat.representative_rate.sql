-- repeat.representative_rate, version 1: The same for representatives: served contacts after which
-- the same caller came back, of the served contacts whose caller is known and a representative.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (known AND representative AND repeated_ms IS NOT NULL) AS numerator,
       count(*) FILTER (known AND representative) AS denominator
FROM cohort
GROUP BY ALL;
