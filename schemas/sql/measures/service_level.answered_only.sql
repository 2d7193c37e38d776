-- service_level.answered_only, version 1: Answered within 20 s, of the answered; abandonments are
-- ignored.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'answered' AND exit_ms - asked_ms <= 20000) AS numerator,
       count(*) FILTER (WHERE place = 'answered') AS denominator
FROM cohort
GROUP BY ALL;
