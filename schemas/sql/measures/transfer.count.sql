-- transfer.count, version 1: Completed transfers; a contact can have several.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(transfers), 0)::BIGINT AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
