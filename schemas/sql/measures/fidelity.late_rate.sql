-- fidelity.late_rate, version 1: Callbacks of which the first attempt came after the bracket, of
-- those attempted that have a neighbour.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (deviation_ms > 0) AS numerator,
       count(deviation_ms) AS denominator
FROM cohort
GROUP BY ALL;
