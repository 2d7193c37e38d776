-- email.lower_bound_mean, version 1: Emails: what the mean delay will be at least if the open ones
-- are answered: the delays of the answered ones, plus the whole days of 24 hours that the open ones
-- have waited so far, divided by the number of answered and open ones.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(if(open, 86400000 * elapsed_whole_days, delay_ms))
           FILTER (NOT parliamentary), 0)::BIGINT AS numerator,
       count(*) FILTER (NOT parliamentary AND (open OR responded_ms IS NOT NULL)) AS denominator
FROM cohort
GROUP BY ALL;
