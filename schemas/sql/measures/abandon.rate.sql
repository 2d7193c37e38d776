-- abandon.rate, version 1: Abandoned in the queue, of those who asked.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'abandoned') AS numerator,
       count(*) FILTER (WHERE asked_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
