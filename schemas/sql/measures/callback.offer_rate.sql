-- callback.offer_rate, version 1: Offered a callback, of the queued.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE callback_offered_ms IS NOT NULL) AS numerator,
       count(*) FILTER (WHERE queued_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
