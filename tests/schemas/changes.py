"""A measure with two versions, the second tried in parallel with the first for a month."""

from __future__ import annotations

from schemas.definitions import DEFINITIONS, FILE, Table, over
from schemas.tables import read

TOML = """
[[version]]
measure = "abandon.rate"
number = 2
effective_from = 2026-02-01
numerator = "abandoned - abandoned_short"
denominator = "asked - abandoned_short"
breaks = true
parallel_until = 2026-03-01
sql = '''
SELECT period_start_ms, period_end_ms, zone, dims,
       count(*) FILTER (WHERE place = 'abandoned' AND exit_ms - queued_ms >= 10000) AS numerator,
       count(*) FILTER (WHERE asked_ms IS NOT NULL)
           - count(*) FILTER (WHERE place = 'abandoned' AND exit_ms - queued_ms < 10000)
           AS denominator
FROM cohort
GROUP BY ALL;
'''
[version.changed]
en = "Calls abandoned within 10 s are left out."
fr = "Les abandons en moins de 10 s sont exclus."
[version.reason]
en = "They are wrong numbers."
fr = "Ce sont de mauvais numéros."
"""
CHANGED = over(DEFINITIONS, read(FILE, TOML, Table))
