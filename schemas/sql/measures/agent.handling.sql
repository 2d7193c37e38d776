-- agent.handling, version 1: Milliseconds that agents spent talking, holding or in after-call work
-- (`wrapup`).
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(spent_ms) FILTER (state IN ('talking', 'holding', 'wrapup')), 0)::BIGINT
           AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
