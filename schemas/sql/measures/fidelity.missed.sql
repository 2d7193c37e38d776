-- fidelity.missed, version 1: Of the callbacks to be judged, those never attempted by the cut-off.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (attempted_ms IS NULL) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
