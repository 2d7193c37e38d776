-- interpreter.wait_p90, version 1: For nine in ten of the contacts that an interpreter joined, the
-- wait for one was this long or less, in whole seconds.
SELECT period_start_ms, period_end_ms, zone, dims,
       quantile_disc(interpreter_wait_ms // 1000, 0.90) AS numerator,
       count(interpreter_wait_ms) AS denominator
FROM cohort
GROUP BY ALL;
