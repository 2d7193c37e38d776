-- abandon.time_mean, version 1: Mean time in the queue of those who abandoned.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(queue_ms) FILTER (WHERE place = 'abandoned'), 0)::BIGINT AS numerator,
       count(*) FILTER (WHERE place = 'abandoned') AS denominator
FROM cohort
GROUP BY ALL;
