-- callback.attempted, version 1: Accepted, and rung at least once.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE callback_accepted_ms IS NOT NULL
               AND callback_attempted_ms IS NOT NULL) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
