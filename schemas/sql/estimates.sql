-- One row for each wait that a phone contact was told.
--
-- In:  kept, contacts.
-- Out: estimates. Who gave up has no actual wait: it would have been longer than censored_ms.
CREATE OR REPLACE TABLE estimates AS
WITH told AS (
    SELECT contact_id, contacts.department, contacts.program, contacts.queue, contacts.channel,
           contacts."language", contacts.line, contacts.origin, category,
           time_ms AS announced_ms,
           kept.seconds,
           place, exit_reason,
           CASE WHEN exit_ms >= time_ms THEN exit_ms - time_ms END AS until_exit_ms
    FROM kept JOIN contacts ON contact_id = subject
    WHERE type = 'estimate.announced' AND kept.seconds IS NOT NULL
        AND coalesce(contacts.channel, 'phone') = 'phone'
)
SELECT * EXCLUDE (place, exit_reason, until_exit_ms),
       CASE WHEN place = 'answered' THEN until_exit_ms END AS actual_ms,
       CASE
           WHEN place IN ('abandoned', 'callback_accepted') THEN until_exit_ms
           WHEN place = 'other_exit' AND exit_reason IS DISTINCT FROM 'lost_sight'
               THEN until_exit_ms
       END AS censored_ms,
       seconds * 1000 - actual_ms AS error_ms,
       abs(error_ms) AS miss_ms
FROM told;
