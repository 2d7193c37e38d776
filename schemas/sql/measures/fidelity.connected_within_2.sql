-- fidelity.connected_within_2, version 1: Callbacks of which the connection to an agent came at
-- most 2 minutes before or after the bracket of the neighbouring answers, of those with a
-- neighbour, never connected ones included.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (connected_size_ms <= 2 * 60000) AS numerator,
       count(*) FILTER (bracket <> 'none') AS denominator
FROM cohort
GROUP BY ALL;
