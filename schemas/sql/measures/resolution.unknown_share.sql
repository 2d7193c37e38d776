-- resolution.unknown_share, version 1: Served contacts (live or by callback) of which no agent said
-- whether the matter was settled at the first exchange, of all served contacts.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (connected_ms IS NOT NULL AND resolved_first IS NULL) AS numerator,
       count(connected_ms) AS denominator
FROM cohort
GROUP BY ALL;
