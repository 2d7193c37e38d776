-- callback.first_attempt_success, version 1: Connected on the first ring, of those called back.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE callback_connected_ms IS NOT NULL AND place <> 'answered'
               AND callback_connected_attempt = 1) AS numerator,
       count(*) FILTER (WHERE callback_accepted_ms IS NOT NULL
               AND callback_attempted_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
