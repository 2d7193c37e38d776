-- survey.answered, version 1: Questionnaires that were answered, invited or not.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(answered_ms) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
