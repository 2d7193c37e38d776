-- funnel.other_exit.voicemail, version 1: The contacts of funnel.other_exit whose reason is
-- `voicemail`.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'other_exit' AND exit_reason = 'voicemail') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
