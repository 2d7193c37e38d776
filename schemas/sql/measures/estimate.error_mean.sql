-- estimate.error_mean, version 1: Mean of announced less true wait, with its sign (positive: too
-- long a wait was told): the sum over the announcements that were then answered, divided by their
-- number.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(error_ms), 0)::BIGINT AS numerator,
       count(actual_ms) AS denominator
FROM cohort
GROUP BY ALL;
