-- fidelity.crossed, version 1: Callbacks whose neighbour before was answered later than the
-- neighbour after; they are judged all the same.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (crossed) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
