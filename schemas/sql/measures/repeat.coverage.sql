-- repeat.coverage, version 1: Served contacts whose caller is known, of all served contacts.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (known) AS numerator,
       count(*) AS denominator
FROM cohort
GROUP BY ALL;
