-- handle.mean, version 1: Mean of talk, hold and recorded after-call work together, of those served.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(handle_ms) FILTER (connected_ms IS NOT NULL), 0)::BIGINT AS numerator,
       count(handle_ms) FILTER (connected_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
