-- fidelity.within_5.all, version 1: Callbacks of which the first attempt came at most 5 minutes
-- before or after the bracket of the neighbouring answers, of all that were accepted and not
-- cancelled by the customer.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (deviation_size_ms <= 5 * 60000) AS numerator,
       count(*) AS denominator
FROM cohort
GROUP BY ALL;
