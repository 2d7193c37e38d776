-- funnel.answered, version 1: Agent and customer were both connected, live.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'answered') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
