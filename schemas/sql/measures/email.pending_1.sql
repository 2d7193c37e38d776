-- email.pending_1, version 1: Emails still open with no more than 1 business day gone: neither met
-- nor missed yet.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (NOT parliamentary AND open AND elapsed_days <= 1) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
