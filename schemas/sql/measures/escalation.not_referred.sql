-- escalation.not_referred, version 1: Escalations without a later referral of the same kind by the
-- cut-off.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (referred_ms IS NULL) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
