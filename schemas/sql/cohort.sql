-- The rows of a relation in every period, the end excluded.
--
-- In:  happened, the rows with moment_ms (the instant by which the relation's rows belong to a
--      cohort; for attribution by interval the moment of the measure) and dims (the dimensions
--      asked for); of `contacts` those by phone;
--      periods(period_start_ms, period_end_ms, zone);
--      zones(department, zone), where the row without a department is for all others.
-- Out: cohort.
--
-- Periods and moments are first brought together by the days since 1970 that they touch, so that
-- no row is compared with every period of its zone.
WITH zoned AS (
    SELECT happened.*,
           coalesce(zones.zone, (SELECT zone FROM zones WHERE department IS NULL)) AS zone
    FROM happened LEFT JOIN zones USING (department)
),
touched AS (
    SELECT *,
           unnest(range(period_start_ms // 86_400_000, (period_end_ms - 1) // 86_400_000 + 1))
               AS day
    FROM periods
)
SELECT zoned.*, period_start_ms, period_end_ms
FROM zoned JOIN touched
    ON zoned.zone = touched.zone AND moment_ms // 86_400_000 = touched.day
    AND moment_ms >= period_start_ms AND moment_ms < period_end_ms;
