-- funnel.abandoned_short, version 1: Abandoned less than 10 s after entering the queue; also
-- inside funnel.abandoned.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'abandoned' AND exit_ms - queued_ms < 10000)
           AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
