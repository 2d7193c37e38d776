-- The totals that somebody else counted: of every subject that does nothing but declare, the
-- last declaration in event order.
--
-- In:  kept (kept.sql), contacts (contacts.sql).
-- Out: declarations, with intervals in UTC milliseconds, the end excluded.
CREATE OR REPLACE TABLE declarations AS
SELECT subject, "of", "count",
       epoch_ms(period_start::TIMESTAMP) AS start_ms,
       epoch_ms(period_end::TIMESTAMP) AS end_ms,
       attribution, authority,
       department, program, queue, channel, "language", line, origin,
       NULL::VARCHAR AS category
FROM kept ANTI JOIN contacts ON contact_id = subject  -- does nothing else
WHERE type = 'control.total_declared'
QUALIFY row_number() OVER (
    PARTITION BY subject ORDER BY time_ms DESC, source DESC, sequence DESC, id DESC) = 1;
