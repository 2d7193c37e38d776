-- access.rate, version 1: Answered live, connected by callback or self-served, of all who
-- called, blocked included.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place IN ('answered', 'self_served'))
           + count(*) FILTER (WHERE callback_connected_ms IS NOT NULL AND place <> 'answered')
           AS numerator,
       count(*) AS denominator
FROM cohort
GROUP BY ALL;
