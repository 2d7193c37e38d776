-- topic.contacts, version 1: Contacts once for every distinct topic they were assigned, in the
-- period of its first assignment; the category is the topic. A contact with two topics counts under
-- each.
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) AS numerator,
       NULL::BIGINT AS denominator
FROM cohort
GROUP BY ALL;
