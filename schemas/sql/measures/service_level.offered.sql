-- service_level.offered, version 1: Answered within 20 s, of the answered and abandoned.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'answered' AND exit_ms - asked_ms <= 20000) AS numerator,
       count(*) FILTER (WHERE place IN ('answered', 'abandoned')) AS denominator
FROM cohort
GROUP BY ALL;
