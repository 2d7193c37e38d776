-- talk.mean, version 1: Mean time in conversation of those served, holds taken out, where it is known.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(talk_ms) FILTER (connected_ms IS NOT NULL), 0)::BIGINT AS numerator,
       count(talk_ms) FILTER (connected_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
