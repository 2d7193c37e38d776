-- agent.time.talking, version 1: Milliseconds that agents spent in the state `talking`.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(spent_ms) FILTER (state = 'talking'), 0)::BIGINT AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
