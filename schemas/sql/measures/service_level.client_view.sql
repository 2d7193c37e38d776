-- service_level.client_view, version 1: Answered within 20 s, of all who asked, turned away
-- included.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'answered' AND exit_ms - asked_ms <= 20000) AS numerator,
       count(*) FILTER (WHERE asked_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
