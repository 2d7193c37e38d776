-- Was a callback made when the caller would have been answered? One row for each one owed.
--
-- In:  contacts; sessions(department, start_ms), when each opening session of a department
--      starts: a session lasts until the next. The rows without a department are for all that
--      have none of their own.
-- Out: fidelity, with the two neighbouring calls as evidence.
CREATE OR REPLACE TABLE fidelity AS
WITH opened AS (
    SELECT *,
           place = 'answered' AS answered,
           callback_accepted_ms IS NOT NULL AND callback_cancelled_by IS DISTINCT FROM 'customer'
               AS owed,
           CASE WHEN department IN (SELECT department FROM sessions
                                    WHERE department IS NOT NULL) THEN department END AS opens_as
    FROM contacts
    WHERE queued_ms IS NOT NULL
),
-- The line as it stood: those who were answered and those to whom a callback was owed.
line AS (
    SELECT opened.*,
           sessions.start_ms AS session,
           CASE WHEN answered THEN
               {'contact': contact_id, 'queued_ms': queued_ms, 'answered_ms': exit_ms}
           END AS neighbour
    FROM opened ASOF LEFT JOIN sessions
        ON opens_as IS NOT DISTINCT FROM sessions.department AND queued_ms >= start_ms
    WHERE answered OR owed
),
nearest AS (
    SELECT *,
           last_value(neighbour IGNORE NULLS) OVER (
               alike ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before,
           first_value(neighbour IGNORE NULLS) OVER (
               alike ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS after
    FROM line
    WINDOW alike AS (
        PARTITION BY department, queue, skill, "language", priority, session
        ORDER BY queued_ms, contact_id)
),
near AS (
    -- At most 30 minutes away.
    SELECT * REPLACE (
               CASE WHEN queued_ms - before.queued_ms <= 30 * 60_000 THEN before END AS before,
               CASE WHEN after.queued_ms - queued_ms <= 30 * 60_000 THEN after END AS after)
    FROM nearest
    WHERE owed
),
bracketed AS (
    SELECT *,
           before.answered_ms AS before_ms,
           after.answered_ms AS after_ms,
           coalesce(before_ms > after_ms, false) AS crossed,
           if(crossed, after_ms, before_ms) AS lower_ms,
           if(crossed, before_ms, after_ms) AS upper_ms
    FROM near
),
measured AS (
    SELECT *,
           CASE
               WHEN before_ms IS NULL AND after_ms IS NULL THEN NULL
               WHEN callback_attempted_ms < lower_ms THEN callback_attempted_ms - lower_ms
               WHEN callback_attempted_ms > upper_ms THEN callback_attempted_ms - upper_ms
               WHEN callback_attempted_ms IS NOT NULL THEN 0
           END AS deviation_ms,
           CASE
               WHEN before_ms IS NULL AND after_ms IS NULL THEN NULL
               WHEN callback_connected_ms < lower_ms THEN callback_connected_ms - lower_ms
               WHEN callback_connected_ms > upper_ms THEN callback_connected_ms - upper_ms
               WHEN callback_connected_ms IS NOT NULL THEN 0
           END AS connected_deviation_ms
    FROM bracketed
)
SELECT contact_id, department, program, queue, channel, "language", line, origin, category,
       arrived_ms,
       callback_accepted_ms AS accepted_ms,
       queued_ms AS entered_ms,
       callback_attempted_ms AS attempted_ms,
       callback_connected_ms AS connected_ms,
       before.contact AS before_contact,
       before_ms,
       after.contact AS after_contact,
       after_ms,
       CASE
           WHEN before_ms IS NOT NULL AND after_ms IS NOT NULL THEN 'both'
           WHEN before_ms IS NOT NULL THEN 'before'
           WHEN after_ms IS NOT NULL THEN 'after'
           ELSE 'none'
       END AS bracket,
       crossed,
       lower_ms,
       upper_ms,
       deviation_ms,
       abs(deviation_ms) AS deviation_size_ms,
       connected_deviation_ms,
       abs(connected_deviation_ms) AS connected_size_ms
FROM measured;
