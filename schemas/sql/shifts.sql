-- One row for each shift of an agent: a subject of nothing but `agent.state_changed`.
--
-- In:  kept, contacts (a subject with other events too); the variable as_of.
-- Out: shifts.
CREATE OR REPLACE TABLE shifts AS
WITH ordered AS (
    SELECT *, row_number() OVER (PARTITION BY subject ORDER BY time_ms, source, sequence, id) AS n
    FROM kept ANTI JOIN contacts ON contact_id = subject
    WHERE type = 'agent.state_changed'
)
SELECT subject AS shift_id,
       count(*) AS revision,
       count(*) FILTER (conflicting) AS conflicting,
       min(time_ms) AS first_ms,
       max(time_ms) AS last_ms,
       arg_min(department, n) AS department,  -- arg_min passes over nulls
       arg_min(program, n) AS program,
       arg_min(queue, n) AS queue,
       arg_min(channel, n) AS channel,
       arg_min("language", n) AS "language",
       arg_min(line, n) AS line,
       arg_min(origin, n) AS origin,
       arg_min_null(agent, n) AS agent,
       at_work AND NOT silent AS open,
       at_work AND silent AS unended
FROM (
    SELECT *,
           last_value(state) OVER whole IS DISTINCT FROM 'offline' AS at_work,
           getvariable('as_of') - max(time_ms) OVER whole >= 12 * 3_600_000 AS silent
    FROM ordered
    WINDOW whole AS (
        PARTITION BY subject ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
)
GROUP BY subject, at_work, silent;
