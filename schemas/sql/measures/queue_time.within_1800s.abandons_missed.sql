-- queue_time.within_1800s.abandons_missed, version 1: Answered live with 30 minutes or less in the
-- queue, of the contacts answered live or abandoned.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (place = 'answered' AND queue_ms <= 1800000) AS numerator,
       count(*) FILTER (place IN ('answered', 'abandoned')) AS denominator
FROM cohort
GROUP BY ALL;
