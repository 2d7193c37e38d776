-- message.received, version 1: Written messages received in the period, emails and parliamentary
-- enquiries together; the category is how they reached us.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
