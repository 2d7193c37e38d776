-- segment.flow, version 1: Passes that ended by going on to another queue, whether the queue said
-- so or the next entry shows it.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (how = 'flow') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
