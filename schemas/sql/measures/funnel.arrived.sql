-- funnel.arrived, version 1: Phone contacts that reached us or tried to, in the period.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
