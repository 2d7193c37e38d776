-- fidelity.connected_p90, version 1: For nine in ten of the callbacks connected that have a
-- neighbour, the connection to an agent deviated from the bracket by this much or less, early or
-- late, in whole seconds; 0 inside the bracket.
SELECT period_start_ms, period_end_ms, zone, dims,
       quantile_disc(connected_size_ms // 1000, 0.90) AS numerator,
       count(connected_size_ms) AS denominator
FROM cohort
GROUP BY ALL;
