-- wait.longest, version 1: The longest wait of those served.
SELECT period_start_ms, period_end_ms, zone, dims,
       max(wait_ms // 1000) AS numerator,
       count(wait_ms) AS denominator
FROM cohort
GROUP BY ALL;
