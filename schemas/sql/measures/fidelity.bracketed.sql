-- fidelity.bracketed, version 1: Callbacks for which a comparable call, answered live, entered the
-- queue at most 30 minutes before or after, on one side at least.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (bracket <> 'none') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
