-- segment.wait_mean, version 1: Mean time from entering the queue to being connected: the sum over
-- the answered passes, divided by their number.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(wait_ms) FILTER (how = 'answered'), 0)::BIGINT AS numerator,
       count(*) FILTER (how = 'answered') AS denominator
FROM cohort
GROUP BY ALL;
