-- parliamentary.received, version 1: Parliamentary enquiries received in the period, by the instant
-- our server had them.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (parliamentary) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
