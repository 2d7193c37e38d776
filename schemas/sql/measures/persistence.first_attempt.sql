-- persistence.first_attempt, version 1: Phone contacts served with one attempt, of the phone
-- contacts served whose caller is known and not a representative.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (attempts = 1 AND NOT representative) AS numerator,
       count(attempts) FILTER (NOT representative) AS denominator
FROM cohort
GROUP BY ALL;
