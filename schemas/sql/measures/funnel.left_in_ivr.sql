-- funnel.left_in_ivr, version 1: Ended in the menu without a completed task or a request.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'left_in_ivr') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
