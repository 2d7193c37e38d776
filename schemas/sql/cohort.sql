-- The rows of a relation in every period, the end excluded.
--
-- In:  happened, the rows with moment_ms (the instant by which the relation's rows belong to a
--      cohort; for attribution by interval the moment of the measure) and dims (the dimensions
--      asked for); of `contacts` those by phone;
--      periods(period_start_ms, period_end_ms, zone);
--      zones(department, zone), where the row without a department is for all others.
-- Out: cohort.
WITH zoned AS (
    SELECT happened.*,
           coalesce(zones.zone, (SELECT zone FROM zones WHERE department IS NULL)) AS zone
    FROM happened LEFT JOIN zones USING (department)
)
SELECT zoned.*, period_start_ms, period_end_ms
FROM zoned JOIN periods
    ON moment_ms >= period_start_ms AND moment_ms < period_end_ms
    -- IS TRUE keeps this from becoming the key of a hash join, which would then compare every
    -- row of a zone with every period of it.
    AND (zoned.zone = periods.zone) IS TRUE;
