-- The events that are read, each once.
--
-- In:  events, the archive's Parquet; the variable as_of, UTC milliseconds.
-- Out: kept, one row for each (subject, source, id); conflicting where it came with different
--      bytes: then the bytes with the smallest SHA-256 are read.
--
-- A value that cannot be read has no type. In a sealed file the values and the keys of callers are
-- null for whoever cannot open it, and value_sha256 stands for the value.
CREATE OR REPLACE TABLE kept AS
WITH legible AS NOT MATERIALIZED (
    SELECT subject, source, id, time_ms, coalesce(sequence, '') AS sequence, type,
           department, program, queue, channel, language, line, origin, caller, caller_before,
           reason, how, "by", agent, skill, priority, seconds, promise_from, promise_until,
           intake, actor, topic, kind, tool, state, at_first_exchange,
           questionnaire, score, scale, preferred,
           "of", "count", period_start, period_end, attribution, authority, value, value_sha256
    FROM events
    WHERE type IS NOT NULL AND time_ms <= getvariable('as_of')
),
repeated AS (
    SELECT subject, source, id FROM legible GROUP BY ALL HAVING count(*) > 1
),
hashed AS (
    SELECT *, coalesce(value_sha256, sha256(value)) AS sha
    FROM legible SEMI JOIN repeated USING (subject, source, id)
),
chosen AS (
    SELECT *, min(sha) OVER same <> max(sha) OVER same AS conflicting
    FROM hashed
    WINDOW same AS (PARTITION BY subject, source, id)
    QUALIFY row_number() OVER (
        PARTITION BY subject, source, id ORDER BY sha, value IS NULL) = 1
)
SELECT * EXCLUDE (value, value_sha256), false AS conflicting
FROM legible ANTI JOIN repeated USING (subject, source, id)
UNION ALL BY NAME
SELECT * EXCLUDE (value, value_sha256, sha) FROM chosen;
