-- callback.expired, version 1: Accepted, then given up: a miss.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE callback_accepted_ms IS NOT NULL
               AND callback_expired_ms IS NOT NULL) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
