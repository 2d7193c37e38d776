-- hold.mean, version 1: Mean time on hold over contacts with a known conversation.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(hold_ms), 0)::BIGINT AS numerator,
       count(talk_ms) AS denominator
FROM cohort
GROUP BY ALL;
