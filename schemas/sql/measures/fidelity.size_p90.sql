-- fidelity.size_p90, version 1: For nine in ten of the callbacks attempted that have a neighbour,
-- the first attempt deviated from the bracket by this much or less, early or late, in whole
-- seconds; 0 inside the bracket.
SELECT period_start_ms, period_end_ms, zone, dims,
       quantile_disc(deviation_size_ms // 1000, 0.90) AS numerator,
       count(deviation_size_ms) AS denominator
FROM cohort
GROUP BY ALL;
