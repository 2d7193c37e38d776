-- hold.rate, version 1: Put on hold, of those served whose conversation is known.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (connected_ms IS NOT NULL AND hold_ms > 0) AS numerator,
       count(talk_ms) FILTER (connected_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
