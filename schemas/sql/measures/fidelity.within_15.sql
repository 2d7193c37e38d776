-- fidelity.within_15, version 1: Callbacks of which the first attempt came at most 15 minutes
-- before or after the bracket of the neighbouring answers, of those with a neighbour, never
-- attempted ones included.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (deviation_size_ms <= 15 * 60000) AS numerator,
       count(*) FILTER (bracket <> 'none') AS denominator
FROM cohort
GROUP BY ALL;
