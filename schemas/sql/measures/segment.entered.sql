-- segment.entered, version 1: Every entry of a phone contact into a queue counts as one pass, under
-- that queue.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
