-- estimate.miss_mean, version 1: Mean difference between announced and true wait, without its sign:
-- the sum over the announcements that were then answered, divided by their number.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(miss_ms), 0)::BIGINT AS numerator,
       count(actual_ms) AS denominator
FROM cohort
GROUP BY ALL;
