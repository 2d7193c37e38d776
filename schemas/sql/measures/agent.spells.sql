-- agent.spells, version 1: Stretches of agents' time in one state, each within one quarter-hour;
-- what the measures of agents' time are summed over.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
