-- estimate.announced, version 1: Every announcement of a wait to a caller; a contact can hear
-- several.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
