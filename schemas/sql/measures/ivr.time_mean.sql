-- ivr.time_mean, version 1: Mean time in the menu, where its end is known.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(ivr_ms), 0)::BIGINT AS numerator,
       count(ivr_ms) AS denominator
FROM cohort
GROUP BY ALL;
