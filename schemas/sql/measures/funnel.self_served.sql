-- funnel.self_served, version 1: Completed a task in the menu and never asked for an agent.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'self_served') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
