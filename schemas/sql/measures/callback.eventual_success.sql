-- callback.eventual_success, version 1: Connected by callback, of those accepted and not
-- cancelled by the customer; a pending one counts as not yet connected.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE callback_connected_ms IS NOT NULL AND place <> 'answered')
           AS numerator,
       count(*) FILTER (WHERE callback_accepted_ms IS NOT NULL)
           - count(*) FILTER (WHERE callback_accepted_ms IS NOT NULL
               AND callback_cancelled_by = 'customer'
               AND callback_connected_ms IS NULL) AS denominator
FROM cohort
GROUP BY ALL;
