-- callback.wait_p90, version 1: Nine in ten waited this long or less.
SELECT period_start_ms, period_end_ms, zone, dims,
       quantile_disc(wait_ms // 1000, 0.90) FILTER (
               WHERE callback_connected_ms IS NOT NULL AND place <> 'answered') AS numerator,
       count(*) FILTER (WHERE callback_connected_ms IS NOT NULL AND place <> 'answered')
           AS denominator
FROM cohort
GROUP BY ALL;
