-- escalation.raised, version 1: Matters passed upwards; the category is the kind.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
