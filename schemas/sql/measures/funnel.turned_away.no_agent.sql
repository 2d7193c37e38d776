-- funnel.turned_away.no_agent, version 1: The contacts of funnel.turned_away whose reason is
-- `no_agent`.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'turned_away' AND turned_away_reason = 'no_agent')
           AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
