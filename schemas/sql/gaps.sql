-- The sequence numbers that a source must have used and that never came.
--
-- In:  events, the archive's Parquet.
-- Out: one row for each source and span of missing numbers; a source that gives one number to
--      several events does not count its events, and has one row without a span.
--
-- A missing number at the end cannot be seen: the source may not have used it yet.
WITH numbered AS (
    SELECT source, sequence::HUGEINT AS number, id
    FROM events
    WHERE regexp_full_match(sequence, '[0-9]{1,30}')
),
counters AS (
    SELECT source, number, count(DISTINCT id) AS ids FROM numbered GROUP BY ALL
),
sources AS (
    SELECT source, max(ids) = 1 AS counts, count(*) AS numbers FROM counters GROUP BY source
),
stepped AS (
    SELECT source, number, lead(number) OVER (PARTITION BY source ORDER BY number) AS following
    FROM counters SEMI JOIN (SELECT source FROM sources WHERE counts) USING (source)
)
SELECT source, true AS counts, numbers,
       number + 1 AS first_missing, following - 1 AS last_missing,
       (following - number - 1)::BIGINT AS missing
FROM stepped JOIN sources USING (source)
WHERE following > number + 1
UNION ALL BY NAME
SELECT source, counts, numbers, NULL AS first_missing, NULL AS last_missing, NULL AS missing
FROM sources
WHERE NOT counts
ORDER BY source, first_missing;
