-- email.exclusion_rate, version 1: Emails that were excluded, of those received.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(excluded_ms) FILTER (NOT parliamentary) AS numerator,
       count(*) FILTER (NOT parliamentary) AS denominator
FROM cohort
GROUP BY ALL;
