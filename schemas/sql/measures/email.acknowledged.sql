-- email.acknowledged, version 1: Emails that were sent an automatic acknowledgement, which stops no
-- delay.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(acknowledged_ms) FILTER (NOT parliamentary) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
