-- funnel.other_exit.timeout, version 1: The contacts of funnel.other_exit whose reason is
-- `timeout`.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'other_exit' AND exit_reason = 'timeout') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
