-- fidelity.connected_within_15.all, version 1: Callbacks of which the connection to an agent came
-- at most 15 minutes before or after the bracket of the neighbouring answers, of all that were
-- accepted and not cancelled by the customer.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (connected_size_ms <= 15 * 60000) AS numerator,
       count(*) AS denominator
FROM cohort
GROUP BY ALL;
