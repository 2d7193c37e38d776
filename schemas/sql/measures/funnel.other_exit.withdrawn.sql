-- funnel.other_exit.withdrawn, version 1: The contacts of funnel.other_exit whose reason is
-- `withdrawn`.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'other_exit' AND exit_reason = 'withdrawn') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
