-- funnel.turned_away.blocked, version 1: The contacts of funnel.turned_away whose reason is
-- `blocked`.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'turned_away' AND turned_away_reason = 'blocked')
           AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
