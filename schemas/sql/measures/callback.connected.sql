-- callback.connected, version 1: Accepted, not answered live, and connected to an agent by callback.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE callback_connected_ms IS NOT NULL AND place <> 'answered')
           AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
