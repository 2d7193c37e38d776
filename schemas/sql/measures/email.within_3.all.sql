-- email.within_3.all, version 1: Emails that got a substantive reply before the closing of business
-- day 3 after their receipt (day 0), of those answered or excluded at whatever time, and those
-- still open with more than 3 business days gone; an excluded message without a reply is a miss.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (NOT parliamentary AND responded_ms IS NOT NULL AND elapsed_days <= 3)
           AS numerator,
       count(*) FILTER (NOT parliamentary
               AND (NOT open OR elapsed_days > 3))
           AS denominator
FROM cohort
GROUP BY ALL;
