"""An event with an instant that is none says nothing: in the SQL as in the fold."""

from __future__ import annotations

import pytest

from schemas.record import ContactRecord
from schemas.rows import Row
from sinks.archive.table import table
from sinks.sql import Recomputation
from streams.core.fold import fold
from tests.core.examples import START, raw
from tests.core.test_gather import GOOD, NO_INSTANTS, untimely

HOUR = 3_600_000


@pytest.mark.parametrize("text", [*NO_INSTANTS, GOOD])
def test_what_the_fold_does_not_read_the_sql_does_not_read(text: str) -> None:
    """Each kind of it in a contact of its own, and beside a good event."""
    contacts: dict[str, list[bytes]] = {}
    for number, bad in enumerate(untimely(text)):
        for name, values in (("alone", [bad]), ("beside", [bad, raw("contact.arrived")])):
            key = f"{name}{number}"
            contacts[key] = [
                v.replace(b'"subject":"c"', b'"subject":"%s"' % key.encode()) for v in values
            ]
    rows = [Row(n, START, key, v) for key, values in contacts.items() for n, v in enumerate(values)]
    folded = {key: fold(values, START + HOUR) for key, values in contacts.items()}
    with Recomputation(table(rows), START + HOUR, threads=1) as recomputed:
        found = {str(row["contact_id"]): row for row in recomputed.contacts()}
    expected = {
        key: (record.revision, record.promise_from_ms, record.promise_until_ms)
        for key, record in folded.items()
        if isinstance(record, ContactRecord)
    }
    assert {
        key: (row["revision"], row["promise_from_ms"], row["promise_until_ms"])
        for key, row in found.items()
    } == expected
