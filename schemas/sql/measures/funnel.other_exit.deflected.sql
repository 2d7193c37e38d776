-- funnel.other_exit.deflected, version 1: The contacts of funnel.other_exit whose reason is
-- `deflected`.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'other_exit' AND exit_reason = 'deflected') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
