-- The events that are read, each once.
--
-- In:  events, the archive's Parquet; the variable as_of, UTC milliseconds.
-- Out: kept, one row for each (subject, source, id); conflicting where it came with different
--      bytes: then the bytes with the smallest SHA-256 are read. Event order is (time, source,
--      sequence, id), as text: of two events of a contact the earlier has the smaller turn.
--      steps, the same rows with few columns; n is the number of the event in its contact.
--
-- A value that cannot be read has no type. An event is read whole or not at all: not, where an
-- instant that is needed of it is none; a promise may be absent. In a sealed file the values and the
-- keys of callers are null for whoever cannot open it, and value_sha256 stands for the value.
CREATE OR REPLACE MACRO is_instant(text) AS
    regexp_full_match(
        text,
        '[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z')
    AND TRY_CAST(text AS TIMESTAMP) >= TIMESTAMP '0001-01-01';

CREATE OR REPLACE VIEW legible AS
SELECT subject, source, id, time_ms, coalesce(sequence, '') AS sequence, type,
       department, program, queue, channel, language, line, origin, caller, caller_before,
       reason, how, "by", agent, skill, priority, seconds, promise_from, promise_until,
       intake, actor, topic, kind, tool, state, at_first_exchange,
       questionnaire, score, scale, preferred,
       "of", "count", period_start, period_end, attribution, authority, value, value_sha256,
       hash(subject, source, id) AS mark
FROM events
WHERE type IS NOT NULL
    AND time_ms BETWEEN -62_135_596_800_000 AND getvariable('as_of')  -- from the year 1 on
    AND (type <> 'callback.accepted'
        OR (promise_from IS NULL OR is_instant(promise_from))
        AND (promise_until IS NULL OR is_instant(promise_until)))
    AND (type <> 'control.total_declared'
        OR is_instant(period_start) AND is_instant(period_end));

-- Few events come more than once. Their marks are found first, since a mark is short; of two
-- events with one mark, which is possible, each is kept.
CREATE OR REPLACE TABLE repeated AS
SELECT mark FROM legible GROUP BY mark HAVING count(*) > 1;

CREATE OR REPLACE TABLE chosen AS
WITH hashed AS (
    SELECT *, coalesce(value_sha256, sha256(value)) AS sha
    FROM legible SEMI JOIN repeated USING (mark)
)
SELECT *, min(sha) OVER same <> max(sha) OVER same AS conflicting
FROM hashed
WINDOW same AS (PARTITION BY subject, source, id)
QUALIFY row_number() OVER (
    PARTITION BY subject, source, id ORDER BY sha, value IS NULL) = 1;

CREATE OR REPLACE VIEW kept AS
SELECT * EXCLUDE (mark, value, value_sha256),
       create_sort_key(time_ms, 'ASC NULLS LAST', source, 'ASC NULLS LAST',
                       sequence, 'ASC NULLS LAST', id, 'ASC NULLS LAST') AS turn
FROM (
    SELECT *, false AS conflicting FROM legible ANTI JOIN repeated USING (mark)
    UNION ALL BY NAME
    SELECT * EXCLUDE (sha) FROM chosen
);

CREATE OR REPLACE TEMP TABLE steps AS
SELECT subject, type, time_ms, conflicting, queue, how, reason, "by",
       row_number() OVER (PARTITION BY subject ORDER BY time_ms, source, sequence, id) AS n
FROM kept;
