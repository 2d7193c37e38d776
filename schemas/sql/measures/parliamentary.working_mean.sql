-- parliamentary.working_mean, version 1: Parliamentary enquiries: mean opening time from receipt to
-- the first substantive reply: the sum over the answered ones of which it is known, divided by
-- their number.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(worked_ms) FILTER (parliamentary), 0)::BIGINT AS numerator,
       count(worked_ms) FILTER (parliamentary) AS denominator
FROM cohort
GROUP BY ALL;
