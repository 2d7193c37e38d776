-- callback.kept_promise, version 1: First attempt within the announced window, of promises that
-- can be judged; only where a window was announced.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE promise = 'kept') AS numerator,
       count(*) FILTER (WHERE promise IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
