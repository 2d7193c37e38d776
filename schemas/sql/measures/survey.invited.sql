-- survey.invited, version 1: Questionnaires that the client was invited to.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(invited_ms) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
