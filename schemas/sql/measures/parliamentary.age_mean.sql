-- parliamentary.age_mean, version 1: Parliamentary enquiries: mean number of whole days of 24 hours
-- since receipt: the sum over the open ones, divided by their number.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(elapsed_whole_days) FILTER (parliamentary AND open), 0)::BIGINT AS numerator,
       count(*) FILTER (parliamentary AND open) AS denominator
FROM cohort
GROUP BY ALL;
