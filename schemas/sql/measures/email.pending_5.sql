-- email.pending_5, version 1: Emails still open with no more than 5 business days gone: neither met
-- nor missed yet.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (NOT parliamentary AND open AND elapsed_days <= 5) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
