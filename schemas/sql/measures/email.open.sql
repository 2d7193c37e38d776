-- email.open, version 1: Emails neither answered nor excluded at the cut-off: the backlog.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (NOT parliamentary AND open) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
