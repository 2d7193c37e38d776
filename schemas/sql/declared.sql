-- The declared totals of arrivals by phone that lie inside a period.
--
-- In:  stated, declarations with dims (the dimensions asked for, all of them named by the
--      declaration); periods and zones as for cohort.sql.
-- Out: declared; breadth is the number of dimensions that the declaration names.
WITH zoned AS (
    SELECT stated.*,
           coalesce(zones.zone, (SELECT zone FROM zones WHERE department IS NULL)) AS zone,
           list_count([stated.department, program, queue, channel, "language", line, origin])
               AS breadth
    FROM stated LEFT JOIN zones USING (department)
    WHERE "of" = 'arrived' AND coalesce(channel, 'phone') = 'phone'
)
SELECT zoned.*, period_start_ms, period_end_ms
FROM zoned JOIN periods
    ON start_ms >= period_start_ms AND end_ms <= period_end_ms
    AND (zoned.zone = periods.zone) IS TRUE;
