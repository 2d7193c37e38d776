-- Local days of every zone, from the first arrival to the last. Replace by the periods you want.
--
-- In:  contacts; zones(department, zone).
-- Out: periods, in UTC milliseconds, the end excluded; a day may have 23 or 25 hours.
CREATE OR REPLACE TABLE periods AS
WITH bounds AS (
    SELECT zone,
           timezone(zone, to_timestamp(min(arrived_ms) // 1000)) AS first_local,
           timezone(zone, to_timestamp(max(arrived_ms) // 1000)) AS last_local
    FROM contacts, (SELECT DISTINCT zone FROM zones)
    GROUP BY zone
),
days AS (
    SELECT zone, unnest(generate_series(
               date_trunc('day', first_local)::TIMESTAMP, last_local, INTERVAL 1 DAY)) AS midnight
    FROM bounds
)
SELECT epoch_ms(timezone(zone, midnight)) AS period_start_ms,
       epoch_ms(timezone(zone, midnight + INTERVAL 1 DAY)) AS period_end_ms,
       zone
FROM days;
