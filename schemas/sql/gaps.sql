-- The sequence numbers that a source must have used and that never came.
--
-- In:  events, the archive's Parquet.
-- Out: one row for each source and span of missing numbers; a source of which none is missing, or
--      that is no counter, has one row without a span. Of the numbers that stand for several
--      events, the first five are listed.
--
-- An event is known by its id, however often it came, and in whatever order. A source counts if
-- each of its numbers stands for one event. A missing number at the end cannot be seen: the
-- source may not have used it yet. Zeros in front do not matter; a number of more than 38 digits
-- is none.
WITH told AS (
    SELECT DISTINCT source, id,
        CASE WHEN regexp_full_match(sequence, '0*[0-9]{1,38}')
             THEN try_cast(sequence AS HUGEINT) END AS number
    FROM events
    WHERE source IS NOT NULL
),
numbers AS (
    SELECT source, number, count(*) AS stands_for
    FROM told
    WHERE number IS NOT NULL
    GROUP BY source, number
),
sources AS (
    SELECT source, count(number) AS numbers, count(*) FILTER (WHERE stands_for > 1) AS shared,
           coalesce(list(number ORDER BY number) FILTER (WHERE stands_for > 1), [])[:5]
               AS first_shared
    FROM (SELECT DISTINCT source FROM told) LEFT JOIN numbers USING (source)
    GROUP BY source
),
unnumbered AS (
    SELECT source, count(*) FILTER (WHERE number IS NULL) AS unnumbered FROM told GROUP BY source
),
stepped AS (
    SELECT source, number, lead(number) OVER (PARTITION BY source ORDER BY number) AS following
    FROM numbers SEMI JOIN (SELECT source FROM sources WHERE shared = 0) USING (source)
),
spans AS (
    SELECT source, number + 1 AS first_missing, following - 1 AS last_missing,
           following - number - 1 AS missing
    FROM stepped
    WHERE following > number + 1
)
SELECT source, numbers, shared, unnumbered, first_missing, last_missing, missing,
       first_shared
FROM sources JOIN unnumbered USING (source) LEFT JOIN spans USING (source)
ORDER BY source, first_missing;
