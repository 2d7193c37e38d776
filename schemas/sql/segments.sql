-- One row for each pass of a phone contact through a queue.
--
-- In:  steps, contacts.
-- Out: segments; the queue is the one that was entered, not the first queue of the contact.
CREATE OR REPLACE TABLE segments AS
WITH edges AS (
    -- What begins a pass or ends one, and how it ends it.
    SELECT subject, n, type, time_ms, queue,
           CASE type
               WHEN 'agent.connected' THEN 'answered'
               WHEN 'callback.accepted' THEN 'callback'
               WHEN 'queue.entered' THEN 'flow'
               WHEN 'queue.left' THEN how
               WHEN 'contact.turned_away' THEN reason
               WHEN 'contact.ended' THEN if("by" = 'customer', 'abandoned', 'ended_by_' || "by")
           END AS ends_as
    FROM steps
    WHERE type IN ('queue.entered', 'agent.connected', 'callback.accepted', 'queue.left',
                   'contact.turned_away', 'contact.ended')
),
passes AS (
    SELECT subject, queue,
           time_ms AS entered_ms,
           lead(time_ms) OVER in_order AS left_ms,
           lead(ends_as) OVER in_order AS how
    FROM edges
    WINDOW in_order AS (PARTITION BY subject ORDER BY n)
    QUALIFY type = 'queue.entered'
)
SELECT contact_id, department, program, passes.queue, channel, "language", line, origin, category,
       entered_ms, left_ms, how,
       left_ms - entered_ms AS wait_ms
FROM passes JOIN contacts ON contact_id = subject
WHERE coalesce(channel, 'phone') = 'phone';
