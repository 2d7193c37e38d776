-- service_level.exits_included, version 1: Answered within 20 s, of all who left the queue, however
-- they did.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'answered' AND exit_ms - asked_ms <= 20000) AS numerator,
       count(*) FILTER (WHERE place IN ('answered', 'abandoned', 'callback_accepted', 'other_exit'))
           AS denominator
FROM cohort
GROUP BY ALL;
