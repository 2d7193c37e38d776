-- service_level.short_excluded, version 1: Answered within 20 s, of the answered and abandoned less
-- short abandonments.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'answered' AND exit_ms - asked_ms <= 20000) AS numerator,
       count(*) FILTER (WHERE place IN ('answered', 'abandoned'))
           - count(*) FILTER (WHERE place = 'abandoned' AND exit_ms - queued_ms < 10000)
           AS denominator
FROM cohort
GROUP BY ALL;
