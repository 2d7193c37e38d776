-- ivr.tasks, version 1: Whether or not they asked for an agent later.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(self_served_ms) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
