-- email.within_3, version 1: Emails that got a substantive reply before the closing of business day
-- 3 after their receipt (day 0), of those answered at whatever time, and those still open with more
-- than 3 business days gone; excluded messages, answered or not, are in neither.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (NOT parliamentary AND excluded_ms IS NULL
               AND responded_ms IS NOT NULL AND elapsed_days <= 3)
           AS numerator,
       count(*) FILTER (NOT parliamentary AND excluded_ms IS NULL
               AND (responded_ms IS NOT NULL OR elapsed_days > 3))
           AS denominator
FROM cohort
GROUP BY ALL;
