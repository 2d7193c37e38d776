-- funnel.blocked_before_asking, version 1: Refused before the menu: busy signal, all lines
-- taken.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'blocked_before_asking') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
