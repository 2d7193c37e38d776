-- email.lower_bound_business_mean, version 1: Emails: the business days from receipt to reply of
-- the answered ones, plus those that the open ones have waited so far, divided by the number of
-- answered and open ones.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(elapsed_days)
           FILTER (NOT parliamentary AND (open OR responded_ms IS NOT NULL)), 0)::BIGINT
           AS numerator,
       count(*) FILTER (NOT parliamentary AND (open OR responded_ms IS NOT NULL)) AS denominator
FROM cohort
GROUP BY ALL;
