-- repeat.rate, version 1: Served contacts after which the same caller came back, by phone or in
-- writing and about the same topic where both are known, within 168 hours after the end; of the
-- served contacts whose caller is known and not a representative.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (known AND NOT representative AND repeated_ms IS NOT NULL) AS numerator,
       count(*) FILTER (known AND NOT representative) AS denominator
FROM cohort
GROUP BY ALL;
