-- resolution.first_exchange, version 1: Served contacts (live or by callback) of which the agent
-- said that the matter was settled at the first exchange, of the served contacts of which an agent
-- said whether it was.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (connected_ms IS NOT NULL AND resolved_first) AS numerator,
       count(resolved_first) FILTER (connected_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
