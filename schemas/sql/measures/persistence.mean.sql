-- persistence.mean, version 1: Calls that a caller made in the 168 hours up to being served, this
-- one included and since they were last served: the sum over the phone contacts served whose caller
-- is known and not a representative, divided by their number.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(attempts) FILTER (NOT representative), 0)::BIGINT AS numerator,
       count(attempts) FILTER (NOT representative) AS denominator
FROM cohort
GROUP BY ALL;
