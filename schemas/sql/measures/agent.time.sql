-- agent.time, version 1: Milliseconds that agents spent in any state but offline, each in the
-- interval in which it was spent.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(spent_ms), 0)::BIGINT AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
