"""What engines know of contacts: by the live state's own records, and by the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.parts import Shift
from schemas.record import ContactRecord, Declaration
from schemas.relations import RELATIONS
from sinks.archive.pieces import in_clear
from sinks.sql import Recomputation
from streams.core.fold import Folded, fold
from streams.core.sweep import sweep
from streams.recounting.evidence import Evidence
from streams.recounting.shares import shares
from streams.runtimes.store import StateStore

_record = msgspec.json.Decoder(ContactRecord | Shift).decode
#: The fields of a record that hold rows of relations.
PARTS = frozenset(relation.part for relation in RELATIONS.values() if relation.part)
Fields = dict[str, Any]


def live_folded(stores: Iterable[StateStore], as_of: int) -> Iterator[Folded]:
    """Every contact and shift by the live state's own records, at its clock."""
    for store in stores:
        in_memory = store.load().contacts
        for values in in_memory.values():
            if (folded := fold(values, as_of)) is not None:
                yield folded
        for name, _, record in store.records():
            if name not in in_memory:
                yield _record(record)


def recount_folded(evidence: Evidence, as_of: int) -> Iterator[Folded]:
    """Everything that the evidence tells of, folded again."""
    for share in shares(evidence):
        for _, folded in sweep(share, as_of):
            for one, _ in folded:
                yield one


class Known(NamedTuple):
    """What one engine knows of some subjects: fields of contacts and shifts; and declarations."""

    records: dict[str, Fields]
    declared: dict[str, Declaration]


def known_to_core(folded: Iterable[Folded], subjects: set[str]) -> Known:
    """The records of some contacts or shifts, with their parts, and all declarations."""
    known = Known({}, {})
    for one in folded:
        if isinstance(one, Declaration):
            known.declared[one.subject] = one
        elif (name := _name(one)) in subjects:
            fields = msgspec.structs.asdict(one)
            known.records[name] = {key: msgspec.to_builtins(value) for key, value in fields.items()}
    return known


def _name(one: ContactRecord | Shift) -> str:
    return one.contact_id if isinstance(one, ContactRecord) else one.shift_id


def known_to_sql(evidence: Evidence, subjects: set[str], as_of: int) -> Known:
    """The published SQL's records of the same, without their parts, from their rows alone."""
    wanted = pc.field("subject").isin(sorted(subjects))
    tables = [_rows(path, wanted) for path in evidence.files]
    if not tables or not subjects:
        return Known({}, {})
    table = pa.concat_tables(tables, promote_options="default")
    with Recomputation(table, as_of) as recomputation:
        contacts = {str(row["contact_id"]): row for row in recomputation.contacts()}
        shifts = {str(row["shift_id"]): row for row in recomputation.shifts()}
    return Known({**contacts, **shifts}, {})


def _rows(path: Path, wanted: pc.Expression) -> pa.Table:
    """Some rows of a file; what is sealed in it and disposed of cannot be read."""
    with pq.ParquetFile(path) as file:
        return in_clear(file, wanted)


def unlike(stores: Sequence[StateStore], evidence: Evidence, as_of: int) -> Iterator[str]:
    """The contacts and shifts of which live state and evidence tell different things, in order.

    For measures across contacts: what a contact contributes may rest on the record of another.
    """
    found = set()
    for number, store in enumerate(stores):  # one partition at a time is in memory
        part = replace(evidence, partitions={number: evidence.partitions.get(number, [])})
        live = _digests(live_folded([store], as_of))
        again = _digests(recount_folded(part, as_of))
        found |= {name for name, _ in live.items() ^ again.items()}
    yield from sorted(found)


def _digests(folded: Iterable[Folded]) -> dict[str, int]:
    return {
        _name(one): hash(msgspec.json.encode(one))
        for one in folded
        if not isinstance(one, Declaration)
    }
