-- fidelity.connected_early_rate, version 1: Callbacks of which the connection to an agent came
-- before the bracket, of those connected that have a neighbour.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (connected_deviation_ms < 0) AS numerator,
       count(connected_deviation_ms) AS denominator
FROM cohort
GROUP BY ALL;
