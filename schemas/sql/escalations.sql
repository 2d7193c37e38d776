-- One row for each time that a contact was passed upwards.
--
-- In:  kept, contacts.
-- Out: escalations.
CREATE OR REPLACE TABLE escalations AS
WITH passed AS (
    SELECT subject, kind, type,
           time_ms AS raised_ms,
           min(time_ms) FILTER (type = 'escalation.referred') OVER (
               PARTITION BY subject, kind ORDER BY time_ms, source, sequence, id
               ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS referred_ms
    FROM kept
    WHERE type IN ('escalation.raised', 'escalation.referred')
)
SELECT contact_id, department, program, queue, channel, "language", line, origin,
       kind AS category,
       raised_ms, kind, referred_ms,
       referred_ms - raised_ms AS referral_ms
FROM passed JOIN contacts ON contact_id = subject
WHERE type = 'escalation.raised' AND kind IS NOT NULL;
