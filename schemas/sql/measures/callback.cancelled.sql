-- callback.cancelled, version 1: Accepted, cancelled by the customer and never connected.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE callback_accepted_ms IS NOT NULL
               AND callback_cancelled_by = 'customer'
               AND callback_connected_ms IS NULL) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
