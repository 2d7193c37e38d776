-- transfer.count, version 1: Completed transfers of contacts that were served; each can have several.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(transfers) FILTER (connected_ms IS NOT NULL), 0)::BIGINT AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
