-- funnel.turned_away.deflected, version 1: The contacts of funnel.turned_away whose reason is
-- `deflected`.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'turned_away' AND turned_away_reason = 'deflected')
           AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
