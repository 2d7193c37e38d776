-- email.delay_business_p90, version 1: Emails: nine in ten of the answered ones were answered after
-- this many business days or fewer.
SELECT period_start_ms, period_end_ms, zone, dims,
       quantile_disc(elapsed_days, 0.90) FILTER (NOT parliamentary AND responded_ms IS NOT NULL)
           AS numerator,
       count(elapsed_days) FILTER (NOT parliamentary AND responded_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
