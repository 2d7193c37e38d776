-- parliamentary.delay_mean, version 1: Parliamentary enquiries: mean time from receipt to the first
-- substantive reply, in days of 24 hours: the sum over the answered ones, divided by their number.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(delay_ms) FILTER (parliamentary), 0)::BIGINT AS numerator,
       count(responded_ms) FILTER (parliamentary) AS denominator
FROM cohort
GROUP BY ALL;
