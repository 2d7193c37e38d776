-- wait.within_120s.client, version 1: Answered live with a wait of 2 minutes or less from the first
-- ask, of all who asked, turned away and abandoned included.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (place = 'answered' AND wait_ms <= 120000) AS numerator,
       count(asked_ms) AS denominator
FROM cohort
GROUP BY ALL;
