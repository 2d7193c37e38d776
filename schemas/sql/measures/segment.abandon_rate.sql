-- segment.abandon_rate, version 1: Abandoned passes, of the passes that have ended in whatever way.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (how = 'abandoned') AS numerator,
       count(left_ms) AS denominator
FROM cohort
GROUP BY ALL;
