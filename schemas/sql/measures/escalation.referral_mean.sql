-- escalation.referral_mean, version 1: Mean time from the escalation to its referral: the sum over
-- the escalations taken up, divided by their number.
SELECT period_start_ms, period_end_ms, zone, dims,
       coalesce(sum(referral_ms), 0)::BIGINT AS numerator,
       count(referred_ms) AS denominator
FROM cohort
GROUP BY ALL;
