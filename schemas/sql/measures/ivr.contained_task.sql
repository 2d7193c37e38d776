-- ivr.contained_task, version 1: Completed a task in the menu and never asked, of all who
-- arrived.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'self_served') AS numerator,
       count(*) AS denominator
FROM cohort
GROUP BY ALL;
