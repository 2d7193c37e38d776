-- One row for each questionnaire that a contact was invited to, or answered.
--
-- In:  kept, contacts.
-- Out: surveys.
CREATE OR REPLACE TABLE surveys AS
WITH ordered AS (
    SELECT subject, questionnaire, type, time_ms, score, scale, preferred,
           row_number() OVER (PARTITION BY subject ORDER BY time_ms, source, sequence, id) AS n
    FROM kept
    WHERE type IN ('survey.invited', 'survey.answered') AND questionnaire IS NOT NULL
),
asked AS (
    SELECT subject, questionnaire,
           min(time_ms) FILTER (type = 'survey.invited') AS invited_ms,
           min(time_ms) FILTER (type = 'survey.answered') AS answered_ms,
           arg_min_null(score, n) FILTER (type = 'survey.answered') AS score,
           arg_min_null(scale, n) FILTER (type = 'survey.answered') AS scale,
           arg_min_null(preferred, n) FILTER (type = 'survey.answered') AS preferred
    FROM ordered
    GROUP BY subject, questionnaire
)
SELECT contact_id, department, program, queue, channel, "language", line, origin,
       preferred AS category,
       questionnaire, arrived_ms, invited_ms, answered_ms, score, scale, preferred
FROM asked JOIN contacts ON contact_id = subject;
