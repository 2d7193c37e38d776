-- One row for each written message: a contact with any event named `email.…`.
--
-- In:  kept, contacts; the variable as_of;
--      business_days(department, number, opens_ms, closes_ms, worked_ms), the days on which a
--      department opens: worked_ms is the opening time before the day. The rows without a
--      department are for all that have none of their own.
-- Out: messages.
CREATE OR REPLACE TABLE messages AS
WITH ordered AS (
    SELECT subject, type, time_ms, intake, reason, actor,
           row_number() OVER in_order AS n,
           count(*) FILTER (type = 'email.received') OVER in_order AS receipts  -- so far
    FROM kept
    WHERE starts_with(type, 'email.')
    WINDOW in_order AS (
        PARTITION BY subject ORDER BY time_ms, source, sequence, id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
facts AS (
    SELECT subject,
           min(time_ms) FILTER (type = 'email.received') AS first_received_ms,
           arg_min_null(intake, n) FILTER (type = 'email.received') AS intake,
           min(time_ms) FILTER (type = 'email.acknowledged') AS acknowledged_ms,
           min(time_ms) FILTER (type = 'email.responded' AND receipts > 0) AS responded_ms,
           count(*) FILTER (type = 'email.responded') AS responses,
           count(*) FILTER (type = 'email.reopened') AS reopened,
           min(time_ms) FILTER (type = 'email.excluded') AS excluded_ms,
           arg_min_null(reason, n) FILTER (type = 'email.excluded') AS excluded_reason,
           arg_min_null(actor, n) FILTER (type = 'email.excluded') AS excluded_actor
    FROM ordered
    GROUP BY subject
),
dated AS (
    SELECT contact_id, department, program, queue, channel, "language", line, origin,
           facts.*,
           coalesce(first_received_ms, first_ms) AS received_ms,
           greatest(coalesce(responded_ms, excluded_ms, getvariable('as_of')), received_ms)
               AS until_ms,
           CASE WHEN department IN (SELECT department FROM business_days
                                    WHERE department IS NOT NULL) THEN department END AS opens_as
    FROM facts JOIN contacts ON contact_id = subject
),
days AS (
    FROM business_days
    UNION ALL BY NAME  -- after the last day of the table every instant counts to that day
    SELECT department,
           max(number) AS number,
           9_223_372_036_854_775_807 AS opens_ms,
           9_223_372_036_854_775_807 AS closes_ms,
           max(worked_ms + closes_ms - opens_ms) AS worked_ms
    FROM business_days
    GROUP BY department
),
-- An instant counts to the first business day that closes after it.
received AS (
    SELECT dated.*,
           days.number AS received_day,
           days.worked_ms + greatest(received_ms - days.opens_ms, 0) AS worked_before_ms
    FROM dated ASOF LEFT JOIN days
        ON opens_as IS NOT DISTINCT FROM days.department AND received_ms < closes_ms
),
concluded AS (
    SELECT received.*,
           days.number AS until_day,
           days.worked_ms + greatest(until_ms - days.opens_ms, 0) AS worked_until_ms
    FROM received ASOF LEFT JOIN days
        ON opens_as IS NOT DISTINCT FROM days.department AND until_ms < closes_ms
)
SELECT contact_id, department, program, queue, channel, "language", line, origin,
       intake AS category,
       coalesce(channel = 'parliamentary', false) AS parliamentary,
       received_ms,
       intake,
       acknowledged_ms,
       responded_ms,
       responses,
       reopened,
       excluded_ms,
       excluded_reason,
       excluded_actor,
       responded_ms IS NULL AND excluded_ms IS NULL AS open,
       responded_ms - received_ms AS delay_ms,
       until_day - received_day AS elapsed_days,
       (until_ms - received_ms) // (24 * 3_600_000) AS elapsed_whole_days,
       CASE WHEN responded_ms IS NOT NULL THEN worked_until_ms - worked_before_ms END AS worked_ms
FROM concluded;
