-- survey.questionnaires, version 1: Questionnaires that a client was invited to or answered: one
-- for every contact and questionnaire, in the period in which the contact arrived.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
