-- repeat.representatives, version 1: Served contacts of known callers with more than 5 contacts in
-- the 24 hours up to and including this one; shown apart.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (known AND representative) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
