-- One row for each task that was completed with a digital tool.
--
-- In:  kept, contacts.
-- Out: tasks.
CREATE OR REPLACE TABLE tasks AS
SELECT contact_id, contacts.department, contacts.program, contacts.queue, contacts.channel,
       contacts."language", contacts.line, contacts.origin,
       tool AS category,
       time_ms AS done_ms,
       tool
FROM kept JOIN contacts ON contact_id = subject
WHERE type = 'web.task_completed' AND tool IS NOT NULL;
