-- escalation.referral_p90, version 1: Nine in ten of the escalations taken up were so within this
-- time, in whole seconds.
SELECT period_start_ms, period_end_ms, zone, dims,
       quantile_disc(referral_ms // 1000, 0.90) AS numerator,
       count(referral_ms) AS denominator
FROM cohort
GROUP BY ALL;
