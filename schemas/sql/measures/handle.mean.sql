-- handle.mean, version 1: Mean of talk, hold and recorded after-call work together.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(handle_ms), 0)::BIGINT AS numerator,
       count(handle_ms) AS denominator
FROM cohort
GROUP BY ALL;
