-- agent.time.holding, version 1: Milliseconds that agents spent in the state `holding`.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(spent_ms) FILTER (state = 'holding'), 0)::BIGINT AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
