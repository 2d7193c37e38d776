-- repeat.served, version 1: Phone contacts connected to an agent, live or by callback, and written
-- messages that got a substantive reply.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
