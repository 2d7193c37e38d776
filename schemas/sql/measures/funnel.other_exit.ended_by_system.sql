-- funnel.other_exit.ended_by_system, version 1: The contacts of funnel.other_exit whose reason
-- is `ended_by_system`.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'other_exit' AND exit_reason = 'ended_by_system')
           AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
