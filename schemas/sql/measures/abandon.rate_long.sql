-- abandon.rate_long, version 1: Abandoned after 10 s or more, of those who asked.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'abandoned' AND exit_ms - queued_ms >= 10000)
           AS numerator,
       count(*) FILTER (WHERE asked_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
