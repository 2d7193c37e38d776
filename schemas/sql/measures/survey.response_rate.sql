-- survey.response_rate, version 1: Questionnaires with an invitation that were answered, of those
-- with an invitation.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (answered_ms IS NOT NULL AND invited_ms IS NOT NULL) AS numerator,
       count(invited_ms) AS denominator
FROM cohort
GROUP BY ALL;
