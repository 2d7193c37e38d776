-- funnel.asked, version 1: Chose an agent or was sent to a queue; requests outside opening hours
-- included.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE asked_ms IS NOT NULL) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
