-- callback.accepted, version 1: Contacts that accepted a callback.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE callback_accepted_ms IS NOT NULL) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
