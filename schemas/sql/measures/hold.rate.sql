-- hold.rate, version 1: Contacts put on hold, of those with a known conversation.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE hold_ms > 0) AS numerator,
       count(talk_ms) AS denominator
FROM cohort
GROUP BY ALL;
