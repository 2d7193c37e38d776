-- callback.take_up, version 1: Accepted, of those offered a callback.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE callback_accepted_ms IS NOT NULL) AS numerator,
       count(*) FILTER (WHERE callback_offered_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
