-- fidelity.callbacks, version 1: Callbacks accepted from a queue and not cancelled by the customer.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
