-- email.delay_business_mean, version 1: Emails: mean number of business days from receipt to the
-- first substantive reply, receipt after closing counting as the next business day, which is day 0:
-- the sum over the answered ones, divided by their number.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(elapsed_days)
           FILTER (NOT parliamentary AND responded_ms IS NOT NULL), 0)::BIGINT AS numerator,
       count(responded_ms) FILTER (NOT parliamentary) AS denominator
FROM cohort
GROUP BY ALL;
