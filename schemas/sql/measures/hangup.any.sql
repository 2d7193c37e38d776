-- hangup.any, version 1: Hung up in the menu or abandoned, of all who arrived.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'left_in_ivr' AND ended_by = 'customer')
           + count(*) FILTER (WHERE place = 'abandoned') AS numerator,
       count(*) AS denominator
FROM cohort
GROUP BY ALL;
