-- funnel.in_ivr, version 1: Neither ended nor asked by the cut-off.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'in_ivr') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
