-- queue_time.mean, version 1: Mean time in the queue of contacts answered live; 0 without queue.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(queue_ms) FILTER (WHERE place = 'answered'), 0)::BIGINT AS numerator,
       count(*) FILTER (WHERE place = 'answered') AS denominator
FROM cohort
GROUP BY ALL;
