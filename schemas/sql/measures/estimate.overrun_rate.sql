-- estimate.overrun_rate, version 1: Announcements after which the caller, answered or not, waited
-- longer than was told; of the announcements that were then answered, plus those after which the
-- caller left having already waited longer than was told.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (actual_ms > seconds * 1000 OR censored_ms > seconds * 1000) AS numerator,
       count(actual_ms) + count(*) FILTER (censored_ms > seconds * 1000) AS denominator
FROM cohort
GROUP BY ALL;
