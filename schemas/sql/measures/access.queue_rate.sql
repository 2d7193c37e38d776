-- access.queue_rate, version 1: Queued, of those who asked for an agent.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(queued_ms) AS numerator,
       count(asked_ms) AS denominator
FROM cohort
GROUP BY ALL;
