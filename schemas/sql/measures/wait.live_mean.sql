-- wait.live_mean, version 1: Mean wait from the first ask to the connection, of contacts answered
-- live.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(wait_ms) FILTER (WHERE place = 'answered'), 0)::BIGINT AS numerator,
       count(*) FILTER (WHERE place = 'answered') AS denominator
FROM cohort
GROUP BY ALL;
