-- callback.attempts, version 1: Rings, of contacts that accepted a callback.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(callback_attempts) FILTER (WHERE callback_accepted_ms IS NOT NULL), 0)::BIGINT
           AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
