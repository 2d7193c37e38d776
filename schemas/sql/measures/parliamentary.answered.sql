-- parliamentary.answered, version 1: Parliamentary enquiries that a person sent a substantive reply
-- to, excluded ones among them.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(responded_ms) FILTER (parliamentary) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
