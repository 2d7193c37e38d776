-- web.tasks, version 1: Every task completed with a digital tool; the category is the tool.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
