-- survey.preferred, version 1: Answered questionnaires that name the channel preferred next time;
-- the category is that channel.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(preferred) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
