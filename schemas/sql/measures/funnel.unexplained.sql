-- funnel.unexplained, version 1: Total declared by carrier, switch or workforce system, less what
-- was counted over the same intervals and dimensions; null where nobody declared one. With several
-- authorities the widest speaks: carrier, then switch, then workforce.
--
-- Of one authority only the declarations with the fewest dimensions are read: finer ones repeat
-- them. Where a contact could still be in two of them, they cannot be added, and the remainder is
-- unknown. Contacts that name no channel are phone contacts.
WITH speaking AS (
    SELECT *
    FROM declared
    QUALIFY rank() OVER (
        PARTITION BY period_start_ms, period_end_ms, zone, dims
        ORDER BY list_position(['carrier', 'switch', 'workforce'], authority), breadth) = 1
),
twice AS (
    SELECT DISTINCT period_start_ms, period_end_ms, zone, dims
    FROM speaking AS a JOIN speaking AS b USING (period_start_ms, period_end_ms, zone, dims)
    WHERE a.subject < b.subject AND a.start_ms < b.end_ms AND b.start_ms < a.end_ms
        AND coalesce(a.department = b.department, true)
        AND coalesce(a.program = b.program, true)
        AND coalesce(a.queue = b.queue, true)
        AND coalesce(a."language" = b."language", true)
        AND coalesce(a.line = b.line, true)
        AND coalesce(a.origin = b.origin, true)
),
counted AS (
    SELECT subject, count(*) AS contacts
    FROM declarations JOIN contacts ON arrived_ms >= start_ms AND arrived_ms < end_ms
    WHERE subject IN (SELECT subject FROM speaking)
        AND coalesce(contacts.channel, 'phone') = 'phone'
        AND (declarations.department IS NULL OR declarations.department = contacts.department)
        AND (declarations.program IS NULL OR declarations.program = contacts.program)
        AND (declarations.queue IS NULL OR declarations.queue = contacts.queue)
        AND (declarations.language IS NULL OR declarations.language = contacts.language)
        AND (declarations.line IS NULL OR declarations.line = contacts.line)
        AND (declarations.origin IS NULL OR declarations.origin = contacts.origin)
    GROUP BY subject
)
SELECT period_start_ms, period_end_ms, zone, dims,
       sum("count" - coalesce(contacts, 0))::BIGINT AS numerator,
       NULL::BIGINT AS denominator
FROM speaking LEFT JOIN counted USING (subject)
    ANTI JOIN twice USING (period_start_ms, period_end_ms, zone, dims)
GROUP BY ALL;
