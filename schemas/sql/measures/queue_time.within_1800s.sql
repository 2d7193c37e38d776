-- queue_time.within_1800s, version 1: Answered live with 30 minutes or less in the queue, of the
-- contacts answered live: the convention of a published standard, in which those who gave up are no
-- misses.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (place = 'answered' AND queue_ms <= 1800000) AS numerator,
       count(*) FILTER (place = 'answered') AS denominator
FROM cohort
GROUP BY ALL;
