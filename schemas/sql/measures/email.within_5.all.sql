-- email.within_5.all, version 1: Emails that got a substantive reply before the closing of business
-- day 5 after their receipt (day 0), of those answered or excluded at whatever time, and those
-- still open with more than 5 business days gone; an excluded message without a reply is a miss.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (NOT parliamentary AND responded_ms IS NOT NULL AND elapsed_days <= 5)
           AS numerator,
       count(*) FILTER (NOT parliamentary
               AND (NOT open OR elapsed_days > 5))
           AS denominator
FROM cohort
GROUP BY ALL;
