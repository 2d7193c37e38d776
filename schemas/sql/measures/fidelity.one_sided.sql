-- fidelity.one_sided, version 1: Callbacks with a comparable call on one side only: early or late
-- can be told on that side only.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (bracket IN ('before', 'after')) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
