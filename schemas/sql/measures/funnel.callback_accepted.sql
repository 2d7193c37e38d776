-- funnel.callback_accepted, version 1: Left the queue by accepting a callback.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'callback_accepted') AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
