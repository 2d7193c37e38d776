-- callback.orphaned, version 1: Accepted, never attempted, not cancelled by the customer.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE callback_accepted_ms IS NOT NULL
               AND callback_attempted_ms IS NULL
               AND callback_cancelled_by IS DISTINCT FROM 'customer') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
