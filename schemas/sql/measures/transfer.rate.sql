-- transfer.rate, version 1: Contacts with a completed transfer, of those served.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (connected_ms IS NOT NULL AND transfers > 0) AS numerator,
       count(wait_ms) AS denominator
FROM cohort
GROUP BY ALL;
