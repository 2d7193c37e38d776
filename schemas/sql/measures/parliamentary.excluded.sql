-- parliamentary.excluded, version 1: Parliamentary enquiries taken out of the population of the
-- standard, with reason and actor, answered or not.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(excluded_ms) FILTER (parliamentary) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
