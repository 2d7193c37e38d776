-- wait.within_600s, version 1: Answered live with a wait of 10 minutes or less from the first ask,
-- of the contacts answered live; those who gave up or were turned away are not in it.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (place = 'answered' AND wait_ms <= 600000) AS numerator,
       count(*) FILTER (place = 'answered') AS denominator
FROM cohort
GROUP BY ALL;
