-- segment.callback, version 1: Passes that ended because a callback was accepted.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (how = 'callback') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
