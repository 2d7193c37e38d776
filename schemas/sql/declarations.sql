-- The totals that somebody else counted: of every subject that does nothing but declare, the
-- last declaration in event order.
--
-- In:  kept (kept.sql).
-- Out: declarations, with intervals in UTC milliseconds, the end excluded.
CREATE OR REPLACE TABLE declarations AS
SELECT subject, "of", "count",
       epoch_ms(period_start::TIMESTAMP) AS start_ms,
       epoch_ms(period_end::TIMESTAMP) AS end_ms,
       attribution, authority,
       department, program, queue, channel, "language", line
FROM kept
QUALIFY count(*) FILTER (type <> 'control.total_declared') OVER (PARTITION BY subject) = 0 AND row_number() OVER (
    PARTITION BY subject ORDER BY time_ms DESC, source DESC, sequence DESC, id DESC) = 1;
