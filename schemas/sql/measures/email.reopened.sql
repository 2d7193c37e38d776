-- email.reopened, version 1: Emails in which the client wrote again at least once; each keeps its
-- first receipt.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (NOT parliamentary AND reopened > 0) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
