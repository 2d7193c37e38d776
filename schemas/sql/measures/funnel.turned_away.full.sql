-- funnel.turned_away.full, version 1: The contacts of funnel.turned_away whose reason is `full`.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'turned_away' AND turned_away_reason = 'full')
           AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
