-- funnel.waiting, version 1: Queued and without an exit at the cut-off.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'waiting') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
