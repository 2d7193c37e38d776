-- repeat.known, version 1: Served contacts whose caller is known.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (known) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
