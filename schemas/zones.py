"""Local time as versioned data: the same offsets on every machine, whatever it has installed.

The table is generated from the public tz database (`tests/tools/write_zones.py`) and is part
of what is published: a figure by local day names `VERSION` and `fingerprint()`.
"""

from __future__ import annotations

from bisect import bisect_right
from hashlib import sha256
from operator import itemgetter

from schemas.errors import Stop
from schemas.zones_data import END_MS, START_MS, TZDATA, ZONES

EDITION = 1  # ours: counts changes of the selection, where the tz database stayed the same
VERSION = f"{TZDATA}.{EDITION}"

Table = tuple[tuple[int, int], ...]


def table(zone: str) -> Table:
    """The offsets of a zone: (UTC milliseconds from, minutes east of UTC), sorted.

    Raises:
        Stop: the zone is not in our data; the message lists those that are.
    """
    found = ZONES.get(zone)
    if found is None:
        msg = f"zone {zone!r} is not one of {', '.join(ZONES)}"
        raise Stop(msg)
    return found


def offset_minutes(zone: str, ms: int) -> int:
    """Minutes east of UTC in a zone at an instant.

    Raises:
        Stop: unknown zone, or an instant outside our data (1990 to 2040).
    """
    rows = table(zone)
    if not START_MS <= ms < END_MS:
        msg = f"instant {ms} is outside the zone data {VERSION} (1990 to 2040)"
        raise Stop(msg)
    return rows[bisect_right(rows, ms, key=itemgetter(0)) - 1][1]


def fingerprint() -> str:
    """SHA-256 of the table, in hexadecimal, over one line for each offset of each zone."""
    lines = (f"{zone} {ms} {offset}\n" for zone in sorted(ZONES) for ms, offset in ZONES[zone])
    return sha256("".join((f"{START_MS} {END_MS}\n", *lines)).encode()).hexdigest()
