-- answer.live_rate, version 1: Answered live, of those who asked.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'answered') AS numerator,
       count(*) FILTER (WHERE asked_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
