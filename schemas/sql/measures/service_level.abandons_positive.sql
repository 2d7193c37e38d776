-- service_level.abandons_positive, version 1: Answered or abandoned within 20 s, of the answered
-- and abandoned.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place IN ('answered', 'abandoned')
               AND exit_ms - asked_ms <= 20000) AS numerator,
       count(*) FILTER (WHERE place IN ('answered', 'abandoned')) AS denominator
FROM cohort
GROUP BY ALL;
