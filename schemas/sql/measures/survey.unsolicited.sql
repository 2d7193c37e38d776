-- survey.unsolicited, version 1: Questionnaires that were answered though no invitation is
-- recorded; in no response rate.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (answered_ms IS NOT NULL AND invited_ms IS NULL) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
