-- segment.unended, version 1: Passes whose end is not known at the cut-off.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (left_ms IS NULL) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
