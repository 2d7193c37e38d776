-- talk.unknown, version 1: Served contacts whose conversation has no recorded end.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE connected_ms IS NOT NULL AND talk_ms IS NULL) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
