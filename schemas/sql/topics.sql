-- One row for each topic that was assigned to a contact.
--
-- In:  kept, contacts.
-- Out: topics.
CREATE OR REPLACE TABLE topics AS
WITH assigned AS (
    SELECT subject, topic, min(time_ms) AS assigned_ms
    FROM kept
    WHERE type = 'topic.assigned' AND topic IS NOT NULL
    GROUP BY subject, topic
)
SELECT contact_id, department, program, queue, channel, "language", line, origin,
       assigned.topic AS category,
       assigned.topic,
       assigned_ms
FROM assigned JOIN contacts ON contact_id = subject;
