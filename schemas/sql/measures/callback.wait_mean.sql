-- callback.wait_mean, version 1: Mean wait from the first ask to the callback's connection.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(wait_ms) FILTER (WHERE callback_connected_ms IS NOT NULL
               AND place <> 'answered'), 0)::BIGINT AS numerator,
       count(*) FILTER (WHERE callback_connected_ms IS NOT NULL AND place <> 'answered')
           AS denominator
FROM cohort
GROUP BY ALL;
