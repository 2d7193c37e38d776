-- segment.answered, version 1: Passes that ended because an agent was connected.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (how = 'answered') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
