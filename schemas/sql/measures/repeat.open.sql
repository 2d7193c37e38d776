-- repeat.open, version 1: Served contacts whose 168 hours are not over at the cut-off: repeat
-- contact is provisional while there are any.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (window_open) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
