-- service_level.left_queue, version 1: Answered, abandoned or callback accepted within 20 s, of the
-- queued.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place IN ('answered', 'abandoned', 'callback_accepted')
               AND exit_ms - asked_ms <= 20000) AS numerator,
       count(*) FILTER (WHERE queued_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
