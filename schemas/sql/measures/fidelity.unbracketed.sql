-- fidelity.unbracketed, version 1: Callbacks with no comparable call on either side.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (bracket = 'none') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
