-- segment.removed, version 1: Passes that ended in any other way: removed or turned away by the
-- system, or the contact was ended by an agent or the system.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (left_ms IS NOT NULL
               AND coalesce(how, '') NOT IN ('answered', 'abandoned', 'callback', 'flow'))
           AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
