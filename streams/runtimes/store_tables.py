"""The tables of a state file, and how what changed is written into them."""

from __future__ import annotations

from collections.abc import Mapping
from sqlite3 import Connection

import msgspec

from streams.runtimes import store_registers
from streams.runtimes.store import Change

APPLICATION = 0x564F5354  # "VOST", in the header of the file
LAYOUT = 2

TABLES = (
    """CREATE TABLE progress (
        identity TEXT NOT NULL, position INTEGER NOT NULL, now INTEGER, saves INTEGER NOT NULL)""",
    # With a row number, new contacts land at the edge: a third of the cost of a tree by id.
    # How contacts stand is read at every start, their events when more of them come: apart.
    """CREATE TABLE contacts (
        id INTEGER PRIMARY KEY, contact_id TEXT NOT NULL UNIQUE, standing BLOB NOT NULL)""",
    "CREATE TABLE events (id INTEGER PRIMARY KEY, packed BLOB NOT NULL)",
    """CREATE TABLE records (
        contact_id TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL, first INTEGER, next INTEGER,
        json BLOB NOT NULL)""",
    store_registers.TABLE,
    "CREATE TABLE declarations (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE counts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE extra (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {LAYOUT}",
)
PROGRESS = "SELECT position, now FROM progress"
_NEWER_CONTACT = """INSERT INTO contacts (contact_id, standing) VALUES (?1, ?2)
    ON CONFLICT (contact_id) DO UPDATE SET standing = excluded.standing"""
_NEWER_EVENTS = """INSERT INTO events SELECT id, ?2 FROM contacts WHERE contact_id = ?1
    ON CONFLICT (id) DO UPDATE SET packed = excluded.packed"""
_NEWER_STANDING = "UPDATE contacts SET standing = ?2 WHERE contact_id = ?1"
_NO_EVENTS = "DELETE FROM events WHERE id = (SELECT id FROM contacts WHERE contact_id = ?)"
_NO_CONTACT = "DELETE FROM contacts WHERE contact_id = ?"
EVENTS = "SELECT contact_id, packed FROM contacts JOIN events USING (id)"
_NEWER_RECORD = """INSERT INTO records VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (contact_id) DO UPDATE SET revision = excluded.revision, first = excluded.first,
        next = excluded.next, json = excluded.json"""
THESE = "contact_id IN (SELECT value FROM json_each(?))"
_COUNT = """INSERT INTO counts VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET value = value + excluded.value"""
KNOWN = """SELECT contact_id FROM records WHERE contact_id IN (SELECT value FROM json_each(?1))
    UNION ALL
    SELECT name FROM declarations WHERE name IN (SELECT value FROM json_each(?1))"""

_UNKNOWN = (None, None)

_pack = msgspec.msgpack.Encoder().encode
events_in = msgspec.msgpack.Decoder(list[bytes]).decode


def write(sql: Connection, change: Change) -> None:
    """Write all of a change but the position and the registers, within a transaction."""
    _replace_contacts(sql, change)
    reach = change.reach
    records = ((name, n, *reach.get(name, _UNKNOWN), json) for name, n, json in change.records)
    sql.executemany(_NEWER_RECORD, records)
    sql.executemany(_COUNT, change.counts.items())
    _replace(sql, "declarations", change.declarations)
    _replace(sql, "extra", change.extra)


def _replace_contacts(sql: Connection, change: Change) -> None:
    touched, standing = change.touched, change.standing
    sql.executemany(_NEWER_CONTACT, ((name, standing.get(name, b"")) for name in touched))
    sql.executemany(_NEWER_EVENTS, ((name, _pack(events)) for name, events in touched.items()))
    looked_at = ((name, stands) for name, stands in standing.items() if name not in touched)
    sql.executemany(_NEWER_STANDING, looked_at)
    for statement in (_NO_EVENTS, _NO_CONTACT):
        sql.executemany(statement, ((name,) for name in change.forgotten))


def _replace(sql: Connection, table: str, values: Mapping[str, bytes | None]) -> None:
    for name, value in values.items():
        if value is None:
            sql.execute(f"DELETE FROM {table} WHERE name = ?", (name,))
        else:
            sql.execute(f"REPLACE INTO {table} VALUES (?, ?)", (name, value))
