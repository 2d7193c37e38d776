"""Sealed files: what reads without the key, what only with it, and what is left afterwards."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from schemas.archive import COLUMNS
from schemas.errors import Stop
from schemas.event import Data, Event, decoder, encode, schema_id
from schemas.instants import DAY, instant
from schemas.rows import Row
from schemas.topics import EVENTS
from schemas.versions import read
from sinks.archive import merkle, reader
from sinks.archive.disposal import disposals, disposed, record
from sinks.archive.entry import Entry, sealed_under
from sinks.archive.history import History
from sinks.archive.index import Index
from sinks.archive.locks import Lock
from sinks.archive.pieces import content, pieces
from sinks.archive.sealed import DIGEST, PERSONAL, sealed_name
from sinks.archive.unsealed import opened
from sinks.archive.verifier import verify
from sinks.archive.writer import PartitionWriter
from sinks.sql import Recomputation
from tests.archive.forgeries import chain_again
from tests.archive.world import CHAIN, LOG, NOON, QUICK, Crash, Door

MARCH, APRIL = NOON, NOON + DAY
TOKEN, BEFORE = "0123456789abcdef" * 2, "fedcba9876543210" * 2


@dataclass
class Vault:
    """Keys by day of intake."""

    keys: dict[str, bytes] = field(default_factory=lambda: {"march": b"m" * 32, "april": b"a" * 32})
    gone: set[str] = field(default_factory=set)

    def period(self, intake_ms: int) -> str:
        """See `sinks.archive.sealing.Seal`."""
        return "march" if intake_ms < APRIL else "april"

    def closing(self, period: str) -> bytes:
        """See `sinks.archive.sealing.Seal`."""
        return self.keys[period]

    def opening(self, period: str) -> bytes | None:
        """See `sinks.archive.sealed.Keys`."""
        if period in self.gone:
            return None
        if period not in self.keys:
            msg = f"no key of {period}"
            raise Stop(msg)
        return self.keys[period]


def event(number: int, kind: str, subject: str, data: Data, version: int = 1) -> bytes:
    return encode(
        Event(
            time=instant(NOON + number * 1_000),
            source="//switch.example",
            id=f"e-{number}",
            type=kind,
            subject=subject,
            dataschema=schema_id(kind, version),
            data=data,
        )
    )


def contact(name: str, number: int) -> list[tuple[str, bytes]]:
    told = [
        ("contact.arrived", Data(department="ircc", channel="phone", priority=3, caller=TOKEN)),
        ("agent.requested", Data(queue="q", caller=TOKEN, caller_before=BEFORE)),
        ("queue.entered", Data(queue="q", position=2)),
        ("agent.connected", Data(agent="a")),
        ("contact.ended", Data(by="customer")),
    ]
    return [(name, event(number + at, kind, name, data)) for at, (kind, data) in enumerate(told)]


def told() -> list[Row]:
    """Two days of events: plain ones, one sent twice, one of an old version, one unreadable."""
    promise = event(6, "callback.accepted", "c-1", Data()).replace(
        b'"data":{}', b'"data":{"promise":"2026-01-05T14:25:00.000Z"}'
    )
    entries = [
        *contact("c-1", 0),
        contact("c-1", 0)[0],
        ("c-1", promise),
        ("c-2", b"\xff?"),
        *contact("c-2", 10),
        ("c-2", event(20, "of.tomorrow", "c-2", Data(reason="r"))),
    ]
    half = len(entries) // 2
    return [
        Row(offset, MARCH if offset < half else APRIL, key, value)
        for offset, (key, value) in enumerate(entries)
    ]


ROWS = told()


def writer(root: Path, vault: Vault | None, door: Door | None = None) -> PartitionWriter:
    return PartitionWriter(root, LOG, EVENTS, 0, writer="w", files=door or QUICK, seal=vault)


def filled(root: Path, vault: Vault | None) -> Path:
    into = writer(root, vault)
    into.append(ROWS)
    while into.commit(0):
        pass
    return root


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("sealed"), Vault())


@pytest.fixture
def root(good: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good, tmp_path / "archive"))


def history(root: Path, vault: Vault) -> History:
    return History(root, Index(root, CHAIN), vault)


def rows(root: Path, vault: Vault) -> list[Row]:
    return [row for block in history(root, vault).rows(0) for row in block]


def entries(root: Path) -> list[Entry]:
    return reader.entries(root, LOG, EVENTS, 0)


def test_a_file_is_sealed_under_the_period_in_which_the_log_took_it(good: Path) -> None:
    assert [sealed_under(entry) for entry in entries(good)] == ["march", "april"]


def test_no_file_holds_a_token_in_the_clear(good: Path, tmp_path: Path) -> None:
    plain = filled(tmp_path, None)

    def found(root: Path) -> int:
        tables = [pq.ParquetFile(path).read().to_pylist() for path in root.rglob("*.parquet")]
        return str(tables).count(TOKEN) + str(tables).count(BEFORE)

    assert found(plain) > 0
    for path in good.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert TOKEN.encode() not in content
            assert BEFORE.encode() not in content
            assert b"switch.example" in content or path.suffix == ".json"


def test_with_the_key_every_byte_is_read_again(good: Path) -> None:
    vault = Vault()
    assert rows(good, vault) == ROWS
    assert history(good, vault).lookup(["c-1"]) == {
        "c-1": [row.value for row in ROWS if row.key == "c-1"]
    }
    for entry, block in zip(entries(good), history(good, vault).rows(0), strict=True):
        assert merkle.root(row.value for row in block) == entry.records_root


def test_without_the_key_nothing_is_read_in_its_place(good: Path) -> None:
    vault = Vault(keys={"april": b"a" * 32})
    with pytest.raises(Stop, match="no key of march"):
        rows(good, vault)
    with pytest.raises(Stop, match="no key of march"):
        history(good, vault).lookup(["c-1"])
    assert list(history(good, vault).lookup(["nobody"])) == []


def test_another_key_opens_nothing(good: Path) -> None:
    with pytest.raises((OSError, ValueError), match="sealed under another key"):
        rows(good, Vault(keys={"march": b"x" * 32, "april": b"a" * 32}))


def everywhere(root: Path) -> str:
    return f"read_parquet('{root}/data/**/*.parquet', union_by_name = true)"


def test_stock_duckdb_reads_all_but_what_is_sealed(good: Path, tmp_path: Path) -> None:
    """The query is the one for files that are not sealed, and may go over both kinds."""
    plain = filled(tmp_path / "plain", None)
    shared = [f'"{name}"' for name in COLUMNS if name not in (*PERSONAL, DIGEST)]
    query = f'SELECT {", ".join(shared)} FROM {{}} ORDER BY "offset"'
    found = duckdb.sql(query.format(everywhere(good))).fetchall()
    assert found == duckdb.sql(query.format(everywhere(plain))).fetchall()
    assert len(found) == len(ROWS)
    for name in PERSONAL:
        assert duckdb.sql(f"SELECT count({name}) FROM {everywhere(good)}").fetchall() == [(0,)]
        with pytest.raises(duckdb.Error, match="encrypted"):
            duckdb.sql(f"SELECT {sealed_name(name)} FROM {everywhere(good)}").fetchall()
    hashes = duckdb.sql(f'SELECT {DIGEST} FROM {everywhere(good)} ORDER BY "offset"').fetchall()
    assert hashes == [(sha256(row.value).hexdigest(),) for row in ROWS]


def figures(root: Path) -> object:
    with Recomputation(reader.files(root), NOON + DAY) as recomputation:
        found = recomputation.contacts()
    return [{name: v for name, v in contact.items() if "caller" not in name} for contact in found]


def test_the_sql_counts_the_same_over_sealed_files(good: Path, tmp_path: Path) -> None:
    assert figures(good) == figures(filled(tmp_path, None))


def test_with_the_key_it_is_read_in_full_as_if_it_were_not_sealed(
    good: Path, tmp_path: Path
) -> None:
    plain = reader.files(filled(tmp_path / "plain", None))
    for piece, other in zip(pieces(good, CHAIN), plain, strict=True):
        assert piece.period is not None
        clear = opened(content(piece), piece.period, Vault().keys[piece.period])
        assert clear.equals(pq.read_table(other, partitioning=None))


def test_what_is_disposed_of_reads_as_what_is_left_of_it(good: Path) -> None:
    left = rows(good, Vault(gone={"march", "april"}))
    assert [row[:3] for row in left] == [row[:3] for row in ROWS]
    for row, was in zip(left, ROWS, strict=True):
        assert row.value.startswith(b'{"disposed":"%b"' % sha256(was.value).hexdigest().encode())
        assert TOKEN.encode() not in row.value
        if was.value == b"\xff?":
            with pytest.raises(ValueError, match="missing required field"):
                decoder.decode(row.value)
        else:
            assert without_caller(read(row.value)) == without_caller(read(was.value))
            assert decoder.decode(row.value).dataschema == read(was.value).dataschema
    assert left[5].value == left[0].value  # sent twice


def without_caller(event: Event) -> object:
    plain = {name: getattr(event.data, name) for name in Data.__struct_fields__}
    facts = {name: value for name, value in plain.items() if "caller" not in name}
    return event.time, event.source, event.id, event.sequence, event.type, event.subject, facts


def test_a_contact_of_which_half_is_disposed_of_is_read_from_both(good: Path) -> None:
    vault = Vault(gone={"march"})
    del vault.keys["march"]
    (found,) = history(good, vault).lookup(["c-1"]).values()
    assert [value.startswith(b'{"disposed"') for value in found] == [True] * len(found)
    both = history(good, vault).lookup(["c-2"])["c-2"]
    assert both == [row.value for row in ROWS if row.key == "c-2"]
    assert len(rows(good, vault)) == len(ROWS)


@pytest.mark.parametrize(
    ("keys", "sealed"),
    [({}, {"march": 1, "april": 1}), ({"march": b"m" * 32}, {"april": 1}), (Vault().keys, {})],
)
def test_the_verifier_says_what_it_could_not_look_at(
    good: Path, keys: dict[str, bytes], sealed: dict[str, int]
) -> None:
    report = verify(good, keys=Vault(keys))
    assert (report.faults, report.files, report.rows) == ([], 2, len(ROWS))
    assert (report.sealed, report.disposed) == (sealed, {})
    assert verify(good).sealed == {"march": 1, "april": 1}


def test_what_is_disposed_of_is_no_damage(root: Path) -> None:
    """Whether or not a copy of the key has turned up again; and all else is still checked."""
    record(root, "march", "two years have passed", 0, QUICK)
    for vault in (Vault({"april": b"a" * 32}), Vault()):
        report = verify(root, keys=vault)
        assert (report.faults, report.sealed, report.disposed) == ([], {}, {"march": 1})
    first = entries(root)[0]
    content = bytearray((root / first.file).read_bytes())
    content[100] ^= 1
    (root / first.file).write_bytes(content)
    (fault,) = verify(root).faults
    assert fault.what == "changed: its sha256 is not what the entry says"


def rewritten(root: Path, seq: int, vault: Vault, changed: list[Row]) -> None:
    """The work of a forger who has the key: other rows in a sealed file, hashes to match."""
    forged = root.with_name("forged")
    into = writer(forged, vault)
    into.append(changed)
    other = into.commit(0)
    assert other is not None
    target = root / entries(root)[seq].file
    target.write_bytes((forged / other.file).read_bytes())
    chain_again(root, seq, sha256=other.sha256, bytes=other.bytes)


def test_a_forged_value_is_found_with_the_key(root: Path) -> None:
    half = [row for row in ROWS if row.intake_ms == MARCH]
    rewritten(root, 0, Vault(), [half[0]._replace(value=half[0].value + b" "), *half[1:]])
    (fault,) = verify(root, keys=Vault()).faults
    assert fault.what.startswith("records_root: the entry says")
    assert verify(root).faults == []  # without it, the raw values are not looked at


def laid_open(root: Path, name: str) -> None:
    """A file that calls itself sealed, all of it in the clear, and one column in its place."""
    first = entries(root)[0]
    lock = Lock("march", Vault().keys["march"])
    with pq.ParquetFile(root / first.file, decryption_properties=lock.opening()) as file:
        columns = file.read()
    if name in PERSONAL:
        at = columns.schema.get_field_index(name)
        columns = columns.set_column(at, name, columns[sealed_name(name)])
    pq.write_table(columns, root / first.file)
    content = (root / first.file).read_bytes()
    chain_again(root, 0, sha256=sha256(content).hexdigest(), bytes=len(content))


@pytest.mark.parametrize("keys", [Vault(), Vault({})], ids=["with", "without"])
@pytest.mark.parametrize("name", [*PERSONAL, *map(sealed_name, PERSONAL)])
def test_a_personal_column_in_the_clear_is_found(root: Path, name: str, keys: Vault) -> None:
    laid_open(root, name)
    (fault,) = verify(root, keys=keys).faults
    clear = name if name in PERSONAL else sealed_name(PERSONAL[0])
    assert fault.what.startswith(f"column {clear} is in the clear")


def test_a_file_of_another_period_is_found(root: Path) -> None:
    first = entries(root)[0]
    chain_again(root, 0, schema_id=first.schema_id.replace("march", "april"))
    faults = [fault.what for fault in verify(root).faults]
    assert faults == ["not sealed under april, as the entry says"]
    faults = [fault.what for fault in verify(root, keys=Vault()).faults]
    assert "sealed under another key" in faults[0]


def test_a_plain_file_that_its_entry_calls_sealed_is_found(root: Path, tmp_path: Path) -> None:
    plain = filled(tmp_path / "plain", None)
    entry = entries(plain)[0]
    chain_again(plain, 0, schema_id=f"{entry.schema_id}:sealed:march")
    assert [f.what for f in verify(plain).faults] == ["not sealed under march, as the entry says"]


def test_a_sealed_file_that_its_entry_does_not_call_so_is_found(root: Path) -> None:
    chain_again(root, 0, schema_id=entries(root)[0].schema_id.partition(":sealed:")[0])
    assert [fault.what for fault in verify(root).faults] == ["column value has nulls"]


def test_disposals_are_chained(tmp_path: Path) -> None:
    assert disposals(tmp_path) == []
    for period in ("march", "april", "march"):
        record(tmp_path, period, f"why {period}", NOON, QUICK)
    first, second = disposals(tmp_path)
    assert (first.period, first.reason, first.time) == ("march", "why march", instant(NOON))
    assert (second.period, second.seq) == ("april", 1)
    assert disposed(tmp_path) == {"march", "april"}
    path = tmp_path / "disposals" / "000000000000.json"
    kept = path.read_bytes()
    for forged in (kept.replace(b"why march", b"why not"), kept.replace(b":", b": ", 1), b"{}"):
        path.write_bytes(forged)
        with pytest.raises(Stop, match="disposal"):
            disposals(tmp_path)
    path.unlink()
    with pytest.raises(Stop, match="not a disposal"):
        disposals(tmp_path)


def test_a_record_of_disposals_that_was_tampered_with_is_a_fault(root: Path) -> None:
    record(root, "march", "why", 0, QUICK)
    record(root, "april", "why", 0, QUICK)
    (root / "disposals" / "000000000000.json").unlink()
    (fault,) = verify(root).faults
    assert (fault.path, "not a disposal" in fault.what) == ("disposals", True)


@pytest.mark.parametrize("call", range(9))
def test_a_killed_record_is_there_or_not_and_can_be_made_again(tmp_path: Path, call: int) -> None:
    record(tmp_path, "march", "why", 0, QUICK)
    door = Door()
    door.at(call, door.crash, late=True)
    with pytest.raises(Crash):
        record(tmp_path, "april", "why", 0, door)
    assert [entry.period for entry in disposals(tmp_path)] in (["march"], ["march", "april"])
    record(tmp_path, "april", "why", 0, QUICK)
    assert [entry.period for entry in disposals(tmp_path)] == ["march", "april"]


def test_a_sealed_commit_that_was_killed_is_finished(tmp_path: Path) -> None:
    """The bytes of a sealed file are others in every attempt; the entry names those it means."""
    for call in range(9):
        root, door = tmp_path / str(call), Door()
        dying = writer(root, Vault(), door)
        dying.append(ROWS[:4])
        door.at(call, door.crash)
        with pytest.raises(Crash):
            dying.commit(0)
        again = writer(root, Vault())
        again.append([row for row in ROWS if row.offset >= again.next])
        while again.commit(0):
            pass
        assert rows(root, Vault()) == ROWS
        assert verify(root, keys=Vault()).faults == []
