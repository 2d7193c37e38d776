-- escalation.referred, version 1: Escalations after which a referral of the same kind was recorded.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(referred_ms) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
