-- talk.mean, version 1: Mean time in conversation, holds taken out, where it is known.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(talk_ms), 0)::BIGINT AS numerator,
       count(talk_ms) AS denominator
FROM cohort
GROUP BY ALL;
