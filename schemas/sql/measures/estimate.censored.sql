-- estimate.censored, version 1: Announcements after which the caller abandoned, accepted a callback
-- or left the queue otherwise (not lost sight of): the true wait would have been longer than the
-- time from the announcement to the exit.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(censored_ms) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
