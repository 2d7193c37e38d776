-- Did a caller who was served come back, and how often had they tried? One row for each contact
-- that was served.
--
-- In:  contacts, messages; the variable as_of.
-- Out: repeats. Nothing is ever compared across departments.
CREATE OR REPLACE TABLE repeats AS
WITH known AS (
    SELECT contact_id, contacts.department, caller, caller_before, topic, arrived_ms, connected_ms,
           coalesce(contacts.channel, 'phone') = 'phone' AS phone,
           phone OR messages.contact_id IS NOT NULL AS inbound,  -- by phone or in writing
           (arrived_ms, contact_id) AS turn,
           CASE
               WHEN phone AND connected_ms IS NOT NULL THEN coalesce(finished_ms, last_ms)
               ELSE responded_ms
           END AS served_ms,
           caller IS NOT NULL AND count(*) OVER (
               PARTITION BY contacts.department, caller ORDER BY arrived_ms
               RANGE BETWEEN 24 * 3_600_000 - 1 PRECEDING AND CURRENT ROW) > 5 AS representative
    FROM contacts LEFT JOIN messages USING (contact_id)
),
-- A contact is of one caller with another by its own key, or by the key that it had before, if
-- it is the later of the two. Weeks of 168 hours keep the contacts of a busy key apart.
keys AS (
    SELECT *, caller AS key, true AS own, arrived_ms // (168 * 3_600_000) AS week
    FROM known
    WHERE caller IS NOT NULL
    UNION ALL
    SELECT *, caller_before AS key, false AS own, arrived_ms // (168 * 3_600_000) AS week
    FROM known
    WHERE caller IS NOT NULL AND caller_before <> caller
),
calling_back AS (
    SELECT contact_id, department, caller, callback_accepted_ms,
           -- least passes over nulls
           least(callback_connected_ms, callback_cancelled_ms, callback_expired_ms) AS closed_ms
    FROM contacts
    WHERE callback_accepted_ms IS NOT NULL
),
-- Who could be a repeat: not one who arrived while another contact's callback was open.
later AS (
    SELECT * FROM keys WHERE inbound
        AND NOT EXISTS (
            FROM calling_back
            WHERE calling_back.department IS NOT DISTINCT FROM keys.department
                AND calling_back.caller = keys.caller
                AND calling_back.contact_id <> keys.contact_id
                AND calling_back.callback_accepted_ms <= keys.arrived_ms
                AND coalesce(calling_back.closed_ms > keys.arrived_ms, true))
),
came_back AS (
    SELECT served.contact_id, min(later.turn) AS repeated
    FROM (
        SELECT *, unnest([served_ms // (168 * 3_600_000), served_ms // (168 * 3_600_000) + 1])
                   AS in_week
        FROM keys
        WHERE served_ms IS NOT NULL
    ) AS served JOIN later
        ON served.department IS NOT DISTINCT FROM later.department
        AND served.key = later.key
        AND served.in_week = later.week
        AND (served.own OR served.turn > later.turn)
        AND (later.own OR later.turn > served.turn)
        AND later.arrived_ms > served.served_ms
        AND later.arrived_ms <= served.served_ms + 168 * 3_600_000
        AND later.contact_id <> served.contact_id
        AND coalesce(later.topic = served.topic, true)
    GROUP BY served.contact_id
),
tries AS (
    SELECT served.contact_id,
           earlier.turn,
           max(earlier.turn) FILTER (
               earlier.connected_ms IS NOT NULL AND earlier.turn < served.turn
           ) OVER (PARTITION BY served.contact_id) AS served_before
    FROM (
        SELECT *, unnest([week - 1, week]) AS in_week
        FROM keys
        WHERE connected_ms IS NOT NULL AND phone
    ) AS served JOIN (FROM keys WHERE phone) AS earlier
        ON served.department IS NOT DISTINCT FROM earlier.department
        AND served.key = earlier.key
        AND served.in_week = earlier.week
        AND (served.own OR served.turn > earlier.turn)
        AND (earlier.own OR earlier.turn > served.turn)
        AND earlier.arrived_ms <= served.arrived_ms
        AND earlier.arrived_ms > served.arrived_ms - 168 * 3_600_000
),
tried AS (
    SELECT contact_id, count(*) AS attempts
    FROM tries
    WHERE coalesce(turn > served_before, true)
    GROUP BY contact_id
)
SELECT contact_id, contacts.department, program, queue, channel, "language", line, origin,
       category,
       contacts.arrived_ms,
       served_ms AS ended_ms,
       contacts.caller IS NOT NULL AS known,
       representative,
       repeated[1] AS repeated_ms,
       repeated[2] AS repeated_contact,
       getvariable('as_of') <= served_ms + 168 * 3_600_000 AS window_open,
       attempts
FROM known JOIN contacts USING (contact_id)
    LEFT JOIN came_back USING (contact_id)
    LEFT JOIN tried USING (contact_id)
WHERE served_ms IS NOT NULL;
