-- survey.score_mean, version 1: Sum of the scores given, divided by the number of answered
-- questionnaires with a score. Scores of different scales are not made alike: survey.score_share
-- does that.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(score) FILTER (answered_ms IS NOT NULL), 0)::BIGINT AS numerator,
       count(score) FILTER (answered_ms IS NOT NULL) AS denominator
FROM cohort
GROUP BY ALL;
