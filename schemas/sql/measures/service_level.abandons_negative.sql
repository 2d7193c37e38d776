-- service_level.abandons_negative, version 1: Answered within 20 s, of the queued less other exits.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'answered' AND exit_ms - asked_ms <= 20000) AS numerator,
       count(*) FILTER (WHERE queued_ms IS NOT NULL)
           - count(*) FILTER (WHERE place IN ('callback_accepted', 'other_exit')) AS denominator
FROM cohort
GROUP BY ALL;
