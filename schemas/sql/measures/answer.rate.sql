-- answer.rate, version 1: Answered live or connected by callback, of those who asked.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'answered')
           + count(*) FILTER (WHERE callback_connected_ms IS NOT NULL AND place <> 'answered')
           AS numerator,
       count(*) FILTER (WHERE asked_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
