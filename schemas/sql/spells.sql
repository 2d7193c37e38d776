-- One row for each state of an agent within one quarter-hour.
--
-- In:  kept, shifts; the variable as_of.
-- Out: spells; contact_id is the shift.
CREATE OR REPLACE TABLE spells AS
WITH states AS (
    SELECT subject, state, time_ms, lead(time_ms) OVER in_order AS next_ms
    FROM kept
    WHERE type = 'agent.state_changed'
    WINDOW in_order AS (PARTITION BY subject ORDER BY time_ms, source, sequence, id)
),
ended AS (
    -- The last state goes on until the last edge of a quarter-hour; of a silent shift, nobody
    -- knows how long.
    SELECT shifts.*, states.state, time_ms,
           CASE
               WHEN next_ms IS NOT NULL THEN next_ms
               WHEN open THEN getvariable('as_of') // 900_000 * 900_000
           END AS until_ms
    FROM states JOIN shifts ON shift_id = subject
    WHERE state IS DISTINCT FROM 'offline'
),
cut AS (
    SELECT *, unnest(range(time_ms // 900_000, (until_ms - 1) // 900_000 + 1)) AS quarter
    FROM ended
    WHERE until_ms > time_ms
)
SELECT shift_id AS contact_id, department, program, queue, channel, "language", line, origin,
       state AS category,
       state,
       greatest(time_ms, quarter * 900_000) AS from_ms,
       least(until_ms, (quarter + 1) * 900_000) - from_ms AS spent_ms
FROM cut;
