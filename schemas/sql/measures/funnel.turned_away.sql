-- funnel.turned_away, version 1: Asked, and were refused without entering a queue.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'turned_away') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
