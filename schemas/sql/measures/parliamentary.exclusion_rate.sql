-- parliamentary.exclusion_rate, version 1: Parliamentary enquiries that were excluded, of those
-- received.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(excluded_ms) FILTER (parliamentary) AS numerator,
       count(*) FILTER (parliamentary) AS denominator
FROM cohort
GROUP BY ALL;
