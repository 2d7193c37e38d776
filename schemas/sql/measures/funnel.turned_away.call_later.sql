-- funnel.turned_away.call_later, version 1: The contacts of funnel.turned_away whose reason is
-- `call_later`.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'turned_away' AND turned_away_reason = 'call_later')
           AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
