-- agent.utilisation, version 1: Agents' time talking, holding or in after-call work, of their time
-- in any state but offline, pauses included.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(spent_ms) FILTER (state IN ('talking', 'holding', 'wrapup')), 0)::BIGINT
           AS numerator,
       coalesce(sum(spent_ms), 0)::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
