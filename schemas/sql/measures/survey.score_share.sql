-- survey.score_share, version 1: Sum of the scores, of the sum of the scales, over the answered
-- questionnaires that have both a score and a scale.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(score) FILTER (scale IS NOT NULL), 0)::BIGINT AS numerator,
       coalesce(sum(scale) FILTER (score IS NOT NULL), 0)::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
