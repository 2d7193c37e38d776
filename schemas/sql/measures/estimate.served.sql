-- estimate.served, version 1: Announcements after which the caller was answered live: the true wait
-- is known, from the announcement to the answer.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(actual_ms) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
