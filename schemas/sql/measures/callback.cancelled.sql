-- callback.cancelled, version 1: Accepted, then cancelled by the customer.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE callback_accepted_ms IS NOT NULL
               AND callback_cancelled_by = 'customer') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
