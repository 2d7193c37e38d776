-- funnel.other_exit.no_agent, version 1: The contacts of funnel.other_exit whose reason is
-- `no_agent`.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'other_exit' AND exit_reason = 'no_agent') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
