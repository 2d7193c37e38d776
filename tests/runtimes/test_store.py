"""What every state store promises, and what is SQLite's own."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Never

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import Retry, Stop
from streams.runtimes.store import Change, Delta, Fenced, RegisterKey, Saved, Standing, StateStore
from streams.runtimes.store_memory import MemoryStore
from streams.runtimes.store_sqlite import SqliteStore
from tests.small_disk import small_disk

QUARTER = 900_000
ROOT = Path(__file__).parents[2]
COHORT: RegisterKey = ("cohort", QUARTER, '["IRCC"]')

#: Opens one and the same state each time it is called.
Opener = Callable[[], StateStore]


def memory(directory: Path) -> Opener:
    store = MemoryStore()
    return lambda: store


def sqlite(directory: Path) -> Opener:
    return partial(SqliteStore, directory / "state.db", identity="log/0")


#: Each makes a new, empty state.
KINDS: dict[str, Callable[[Path], Opener]] = {"memory": memory, "sqlite": sqlite}


@pytest.fixture(params=list(KINDS.values()), ids=list(KINDS))
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    kind: Callable[[Path], Opener] = request.param
    return kind(tmp_path)


@pytest.fixture
def store(reopen: Opener) -> Iterator[StateStore]:
    store = reopen()
    yield store
    store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def opened(path: Path, *, read_only: bool = False, identity: str = "log/0") -> SqliteStore:
    return SqliteStore(path, identity=identity, read_only=read_only, wait_ms=0)


def change(position: int = 1, **contacts: list[bytes]) -> Change:
    return Change(position=position, now=10 * position, touched=contacts)


def adding(*deltas: tuple[RegisterKey, Delta]) -> Change:
    return Change(position=1, now=None, deltas=dict(deltas))


def registers(store: StateStore, kind: str = "cohort") -> list[tuple[int, str, Delta]]:
    found = store.registers(0, 10 * QUARTER, kind)
    return [(quarter, dims, Delta(sums, spreads)) for quarter, dims, sums, spreads in found]


# Of every implementation


def test_a_new_state_is_empty(store: StateStore) -> None:
    assert store.load() == Saved(0, None, {}, {})
    assert store.progress() == (0, None)
    assert store.rebuilt is False
    assert registers(store) == []
    assert list(store.records()) == []
    assert store.declarations() == {}
    assert store.counts() == {}
    assert store.extra("x") is None


def test_what_was_saved_is_loaded_after_opening_again(store: StateStore, reopen: Opener) -> None:
    store.save(change(1, a=[b"1"], b=[b"2", b"\xff"]))
    store.save(Change(position=7, now=70, touched={"a": [b"1", b"3"]}, extra={"x": b"y"}))
    store.close()
    again = reopen()
    assert again.load() == Saved(7, 70, {"a": [b"1", b"3"], "b": [b"2", b"\xff"]}, {"x": b"y"})
    assert again.progress() == (7, 70)
    assert again.extra("x") == b"y"
    assert again.rebuilt is False
    again.close()


def test_what_was_loaded_belongs_to_the_caller(store: StateStore) -> None:
    events = [b"1"]
    store.save(change(1, a=events))
    events.append(b"not saved")
    store.load().contacts["a"].append(b"not saved")
    assert store.load().contacts == {"a": [b"1"]}


def test_how_contacts_stand_is_kept_apart_from_their_events(store: StateStore) -> None:
    touched = {"a": [b"1"], "b": [b"2", b"3"]}
    store.save(Change(position=1, now=10, touched=touched, standing={"a": b"A", "b": b"B"}))
    store.save(Change(position=2, now=20, standing={"b": b"BB"}, extra={"x": b"y"}))
    assert store.standing() == Standing(2, 20, {"a": b"A", "b": b"BB"}, {"x": b"y"})
    assert store.events(["b", "unknown"]) == {"b": [b"2", b"3"]}
    assert store.load().contacts == touched
    store.save(Change(position=3, now=30, touched={"a": [b"4"]}, forgotten={"b"}))
    assert store.standing() == Standing(3, 30, {"a": b""}, {"x": b"y"})
    assert store.events(["a", "b"]) == {"a": [b"4"]}


def test_where_the_events_of_a_contact_came_is_kept_with_its_record(store: StateStore) -> None:
    records = [("a", 1, b"{}"), ("b", 1, b"{}")]
    store.save(Change(position=9, now=1, records=records, reach={"a": (3, 7)}))
    assert store.reach(["a", "b", "unknown"]) == {"a": (3, 7)}
    store.save(Change(position=10, now=1, records=records[:1], reach={"a": (3, 10)}))
    assert store.reach(["a"]) == {"a": (3, 10)}
    assert [name for name, _, _ in store.records()] == ["a", "b"]


def test_a_register_by_its_key_and_all_of_them(store: StateStore) -> None:
    other = ("interval", QUARTER, '["VAC"]')
    store.save(adding((other, Delta({"offered": 2})), (COHORT, Delta({"offered": 1}))))
    assert store.register(COHORT) == Delta({"offered": 1})
    assert list(store.every_register()) == [
        (COHORT, Delta({"offered": 1})),
        (other, Delta({"offered": 2})),
    ]
    store.save(adding((COHORT, Delta({"offered": -1}))))
    assert store.register(COHORT) == Delta()


def test_a_forgotten_contact_is_gone(store: StateStore) -> None:
    store.save(change(1, a=[b"1"], b=[b"2"]))
    store.save(Change(position=2, now=20, touched={"c": [b"3"]}, forgotten={"a", "c", "unknown"}))
    assert store.load().contacts == {"b": [b"2"]}


def test_deltas_are_added(store: StateStore) -> None:
    store.save(adding((COHORT, Delta({"offered": 2, "wait_ms": 7}, {"wait": {3: 1}}))))
    store.save(adding((COHORT, Delta({"offered": 1}, {"wait": {3: 1, 9: 1}, "talk": {1: 1}}))))
    sums, spreads = {"offered": 3, "wait_ms": 7}, {"wait": {3: 2, 9: 1}, "talk": {1: 1}}
    assert registers(store) == [(QUARTER, '["IRCC"]', Delta(sums, spreads))]


def test_what_becomes_zero_is_removed(store: StateStore) -> None:
    store.save(adding((COHORT, Delta({"offered": 2, "wait_ms": 7}, {"wait": {3: 1, 4: 1}}))))
    store.save(adding((COHORT, Delta({"offered": -2}, {"wait": {3: -1}}))))
    assert registers(store) == [(QUARTER, '["IRCC"]', Delta({"wait_ms": 7}, {"wait": {4: 1}}))]
    store.save(adding((COHORT, Delta({"wait_ms": -7}, {"wait": {4: -1}}))))
    assert registers(store) == []
    assert store.dims("cohort") == []


def test_a_figure_may_be_negative_for_a_while(store: StateStore) -> None:
    store.save(adding((COHORT, Delta({"offered": -1}))))
    assert registers(store) == [(QUARTER, '["IRCC"]', Delta({"offered": -1}))]


def test_registers_come_in_order_from_start_to_before_end(store: StateStore) -> None:
    keys = [("cohort", q * QUARTER, dims) for q in (3, 1, 2) for dims in ('["b"]', '["a"]')]
    other = ("interval", QUARTER, '["c"]')
    store.save(adding(*((key, Delta({"offered": 1})) for key in [*keys, other])))
    found = [key[:2] for key in store.registers(QUARTER, 3 * QUARTER, "cohort")]
    assert found == [(q * QUARTER, dims) for q in (1, 2) for dims in ('["a"]', '["b"]')]
    assert [key[:2] for key in registers(store, "interval")] == [other[1:]]
    assert store.dims("cohort") == ['["a"]', '["b"]']


def test_records_are_replaced(store: StateStore) -> None:
    store.save(Change(position=1, now=1, records=[("b", 1, b"{}"), ("a", 3, b"{3}")]))
    store.save(Change(position=2, now=1, records=[("b", 2, b"{2}"), ("c", 1, b"{1}")]))
    assert store.record("b") == b"{2}"
    assert store.record("unknown") is None
    assert list(store.records()) == [("a", 3, b"{3}"), ("b", 2, b"{2}"), ("c", 1, b"{1}")]
    assert list(store.records(after="b")) == [("c", 1, b"{1}")]


def test_declarations_are_replaced_and_deleted(store: StateStore) -> None:
    store.save(Change(position=1, now=1, declarations={"a": b"1", "b": b"2", "never": None}))
    store.save(Change(position=2, now=1, declarations={"a": b"3", "b": None}))
    assert store.declarations() == {"a": b"3"}


def test_counts_grow(store: StateStore) -> None:
    store.save(Change(position=1, now=1, counts=Counter({"answered|IRCC": 2, "arrived|": 1})))
    store.save(Change(position=2, now=1, counts={"answered|IRCC": 3}))
    assert store.counts() == {"answered|IRCC": 5, "arrived|": 1}


def test_known_are_those_with_a_record_or_a_declaration(store: StateStore) -> None:
    record, declaration = ("r", 1, b"{}"), {"d": b"{}", "x": None}
    store.save(Change(position=1, now=1, records=[record], declarations=declaration))
    store.save(change(2, open=[b"1"]))
    assert store.known(["r", "d", "x", "open", 'a"b']) == {"r", "d"}
    assert store.known([]) == set()


def test_a_snapshot_is_of_one_save(store: StateStore) -> None:
    store.save(change(3, a=[b"1"]))
    with store.snapshot():
        assert store.progress() == (3, 30)
        assert store.load().contacts == {"a": [b"1"]}
    store.save(change(4))
    assert store.progress() == (4, 40)


def test_closing_twice(store: StateStore) -> None:
    store.close()
    store.close()


AMOUNTS = st.integers(-3, 3).filter(bool)
DELTAS = st.builds(
    Delta,
    st.dictionaries(st.sampled_from(["offered", "answered"]), AMOUNTS),
    st.dictionaries(
        st.sampled_from(["wait", "talk"]),
        st.dictionaries(st.integers(0, 2), AMOUNTS, min_size=1),
    ),
)
KEYS = st.tuples(st.sampled_from(["cohort", "interval"]), st.just(QUARTER), st.just("[]"))
CHANGES = st.builds(
    Change,
    position=st.integers(0, 99),
    now=st.none() | st.integers(0, 99),
    touched=st.dictionaries(st.text(max_size=1), st.lists(st.binary(max_size=2), max_size=2)),
    forgotten=st.sets(st.text(max_size=1)),
    deltas=st.dictionaries(KEYS, DELTAS),
    counts=st.dictionaries(st.sampled_from(["a", "b"]), st.integers(1, 9)),
)


def plain(changes: list[Change], kind: str) -> list[tuple[int, str, Delta]]:
    """The registers of one kind, by plain sums over all changes."""
    sums: Counter[str] = Counter()
    spreads: Counter[tuple[str, int]] = Counter()
    for delta in (each.deltas.get((kind, QUARTER, "[]"), Delta()) for each in changes):
        sums.update(delta.sums)
        for term, spread in delta.spreads.items():
            spreads.update({(term, second): n for second, n in spread.items()})
    found = Delta({term: n for term, n in sums.items() if n})
    for (term, second), n in spreads.items():
        if n:
            found.spreads.setdefault(term, {})[second] = n
    return [(QUARTER, "[]", found)] if found else []


def contacts_of(changes: list[Change]) -> dict[str, list[bytes]]:
    contacts: dict[str, list[bytes]] = {}
    for each in changes:
        contacts.update({key: list(values) for key, values in each.touched.items()})
        contacts = {key: v for key, v in contacts.items() if key not in each.forgotten}
    return contacts


@settings(max_examples=25, deadline=None)
@given(changes=st.lists(CHANGES, min_size=1, max_size=6))
def test_against_plain_sums(
    changes: list[Change], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("store") / "state.db"
    stores: list[StateStore] = [MemoryStore(), opened(path)]
    for store in stores:
        for each in changes:
            store.save(each)
        assert store.load().contacts == contacts_of(changes)
        assert store.progress() == (changes[-1].position, changes[-1].now)
        for kind in ("cohort", "interval"):
            assert registers(store, kind) == plain(changes, kind)
        store.close()


# Of a store that cannot save at present


def full(store: SqliteStore) -> Callable[[], None]:
    """No more room in the file; gives what makes room again."""
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0] + 2
    store._connection.execute(f"PRAGMA max_page_count = {pages}")

    def more_room() -> None:
        store._connection.execute("PRAGMA max_page_count = 100000")

    return more_room


def locked(store: SqliteStore) -> Callable[[], None]:
    other = sqlite3.connect(store._path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other.close


@pytest.mark.parametrize("refusing", [full, locked])
def test_a_refused_save_changes_nothing_and_can_be_repeated(
    path: Path, refusing: Callable[[SqliteStore], Callable[[], None]]
) -> None:
    store = opened(path)
    store.save(change(1, a=[b"1"]))
    store.save(adding((COHORT, Delta({"offered": 1}))))
    much = {f"c{n}": [bytes(2_000)] for n in range(500)}
    deltas = {COHORT: Delta({"offered": 5})}
    refused = Change(position=9, now=9, touched=much, deltas=deltas, counts={"a": 1})
    relent = refusing(store)
    for _ in range(2):
        with pytest.raises(Retry, match="nothing was changed"):
            store.save(refused)
        assert store.load() == Saved(1, None, {"a": [b"1"]}, {})
    relent()
    store.save(refused)
    assert store.progress() == (9, 9)
    assert len(store.load().contacts) == 501
    assert registers(store) == [(*COHORT[1:], Delta({"offered": 6}))]
    assert store.counts() == {"a": 1}
    store.close()


def test_the_fake_refuses_when_told() -> None:
    store = MemoryStore(refuses=True)
    with pytest.raises(Retry, match="nothing was changed"):
        store.save(change(1, a=[b"1"]))
    assert store.load() == Saved()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 2) as disk:
        yield disk


def test_a_disk_that_is_full(disk: Path) -> None:
    store = opened(disk / "state.db")
    store.save(change(1, a=[b"1"]))
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(1_500_000))
    much = change(2, **{f"c{n}": [bytes(2_000)] for n in range(200)})
    with pytest.raises(Retry, match="nothing was changed"):
        store.save(much)
    assert store.load().contacts == {"a": [b"1"]}
    ballast.unlink()
    store.save(much)
    assert len(store.load().contacts) == 201
    store.close()


def test_after_a_save_that_failed_a_register_is_what_it_was(disk: Path) -> None:
    store, one = opened(disk / "state.db"), Delta({"arrived": 1})
    store.save(adding((COHORT, one)))
    much = Delta({"arrived": 1}, {"waits": dict.fromkeys(range(2**20), 1)})
    for _ in range(2):
        with pytest.raises(Retry, match="nothing was changed"):
            store.save(adding((COHORT, much)))
        assert store.register(COHORT) == one
    store.save(adding((COHORT, one)))
    assert store.register(COHORT) == Delta({"arrived": 2}) == registers(store)[0][2]
    store.close()


def test_a_register_to_which_another_has_added_is_read_again(path: Path) -> None:
    mine, theirs, one = opened(path), opened(path), Delta({"arrived": 1})
    mine.save(adding((COHORT, one)))
    theirs.close()
    theirs = opened(path)
    theirs.save(adding((COHORT, one)))
    assert mine.register(COHORT) == one  # as of its last save
    with pytest.raises(Fenced):
        mine.save(adding((COHORT, one)))
    assert mine.register(COHORT) == Delta({"arrived": 2})
    for store in (mine, theirs):
        store.close()


def test_more_registers_than_are_kept(path: Path) -> None:
    store = opened(path)
    keys: list[RegisterKey] = [("cohort", QUARTER, f"[{n}]") for n in range(6_000)]
    for some in (keys[:4_000], keys[2_000:], keys, keys[:1]):
        store.save(adding(*((key, Delta({"arrived": 1})) for key in some)))
    assert [store.register(keys[n]) for n in (0, 1, 3_000, 5_000)] == [
        Delta({"arrived": times}) for times in (3, 2, 3, 2)
    ]
    store.close()


# Of a file that cannot be used


def version_1(path: Path) -> None:
    opened(path).close()
    with sqlite3.connect(path) as sql:
        sql.execute("PRAGMA user_version = 1")
    sql.close()


def somebody_elses(path: Path) -> None:
    sql = sqlite3.connect(path)
    sql.execute("CREATE TABLE calls (id)")
    sql.close()


def of_another_log(path: Path) -> None:
    store = opened(path, identity="other/0")
    store.save(change(5, a=[b"1"]))
    store.close()


def text(path: Path) -> None:
    path.write_text("contact_id,offered\n" * 300)


UNUSABLE = [version_1, somebody_elses, of_another_log, text]


@pytest.mark.parametrize("replaced", [False, True])
def test_nothing_is_saved_to_a_file_that_is_gone(path: Path, *, replaced: bool) -> None:
    store = opened(path)
    store.save(change(1))
    path.rename(path.with_name("away.db"))
    if replaced:
        opened(path).close()
    with pytest.raises(Fenced, match="was removed, or replaced"):
        store.save(change(2))
    store.close()
    again = opened(path)
    assert again.progress() == (0, None)
    again.close()


@pytest.mark.parametrize("unusable", UNUSABLE)
def test_an_unusable_file_is_set_aside(path: Path, unusable: Callable[[Path], None]) -> None:
    for n in (1, 2):
        path.unlink(missing_ok=True)
        unusable(path)
        before = path.read_bytes()
        store = opened(path)
        assert store.rebuilt is True
        assert store.load() == Saved()
        assert path.with_name(f"state.db.broken-{n}").read_bytes() == before
        store.save(change(1))
        store.close()
    again = opened(path)
    assert again.rebuilt is False
    again.close()


@pytest.mark.parametrize("unusable", UNUSABLE)
def test_a_reader_sets_nothing_aside(path: Path, unusable: Callable[[Path], None]) -> None:
    unusable(path)
    before = path.read_bytes()
    with pytest.raises(Retry, match="its writer will begin another"):
        opened(path, read_only=True)
    assert path.read_bytes() == before


def test_what_lies_beside_a_file_is_set_aside_with_it(path: Path) -> None:
    """A reader may still hold them; a new state that shared them would be mixed with the old."""
    text(path)
    path.with_name("state.db-shm").write_bytes(b"shared")
    store = opened(path)
    assert path.with_name("state.db.broken-1-shm").read_bytes() == b"shared"
    store.close()


def scratch(path: Path, table: str) -> None:
    """Write over the first page of a table or index."""
    with sqlite3.connect(path) as sql:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        (page,) = sql.execute(query, (table,)).fetchone()
        (size,) = sql.execute("PRAGMA page_size").fetchone()
    sql.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


def test_damage_found_while_loading(path: Path) -> None:
    store = opened(path)
    store.save(change(1, a=[b"1"]))
    store.close()
    scratch(path, "events")
    store = opened(path)
    before = store.rebuilt
    assert store.load() == Saved()
    assert (before, store.rebuilt) == (False, True)
    assert path.with_name("state.db.broken-1").exists()
    store.save(change(1, b=[b"2"]))
    assert store.load().contacts == {"b": [b"2"]}
    store.close()


def test_damage_found_while_going_on(path: Path) -> None:
    store = opened(path)
    store.save(change(1, a=[b"1"]))
    store.close()
    scratch(path, "contacts")
    store = opened(path)
    assert store.standing() == Standing()
    assert store.rebuilt is True
    store.close()


def test_damage_found_while_saving(path: Path) -> None:
    """Memory is ahead of any file now: stop; the next to open it begins from nothing."""
    store = opened(path)
    store.save(adding((COHORT, Delta({"offered": 1}))))
    store.close()
    scratch(path, "registers")
    store = opened(path)
    assert store.load().position == 1
    with pytest.raises(Stop, match="damaged"):
        store.save(adding((COHORT, Delta({"offered": 1}))))
    store.close()
    again = opened(path)
    assert again.load() == Saved()
    again.close()


def test_a_register_that_cannot_be_decoded(path: Path) -> None:
    store = opened(path)
    store.save(adding((COHORT, Delta({"offered": 1}))))
    store._connection.execute("UPDATE registers SET packed = x'92'")
    with pytest.raises(Stop, match="damaged"):
        list(store.registers(0, 2 * QUARTER, "cohort"))
    store.close()


def test_two_workers_on_one_state(path: Path) -> None:
    """Each would add its deltas to the other's: figures would count twice."""
    slow, quick = opened(path), opened(path)
    quick.save(change(1, a=[b"1"]))
    with pytest.raises(Fenced, match="another worker has saved"):
        slow.save(change(1, a=[b"1"]))
    quick.save(change(2))
    assert quick.load() == Saved(2, 20, {"a": [b"1"]}, {})
    slow.close()
    quick.close()


# Of a second process that reads


def test_a_reader_sees_each_save(path: Path) -> None:
    writer = opened(path)
    reader = opened(path, read_only=True)
    writer.save(change(1, a=[b"1"]))
    assert reader.progress() == (1, 10)
    with reader.snapshot():
        assert reader.progress() == (1, 10)
        writer.save(change(2, a=[b"1", b"2"]))
        assert reader.load() == Saved(1, 10, {"a": [b"1"]}, {})
    assert reader.load() == Saved(2, 20, {"a": [b"1", b"2"]}, {})
    reader.close()
    writer.close()


def test_a_reader_of_a_state_whose_writer_has_gone(path: Path) -> None:
    writer = opened(path)
    writer.save(change(1, a=[b"1"]))
    writer.close()
    reader = opened(path, read_only=True)
    assert reader.load() == Saved(1, 10, {"a": [b"1"]}, {})
    reader.close()


def test_a_reader_cannot_save(path: Path) -> None:
    opened(path).close()
    reader = opened(path, read_only=True)
    with pytest.raises(Retry, match="readonly"):
        reader.save(change(1))
    reader.close()


def test_a_reader_creates_nothing(path: Path) -> None:
    with pytest.raises(Retry, match="unable to open"):
        opened(path, read_only=True)
    assert not path.exists()


def test_a_reader_waits_for_a_file_that_is_only_being_begun(path: Path) -> None:
    path.touch()  # as its writer has it until the first transaction has ended
    with pytest.raises(Retry, match="only being begun"):
        opened(path, read_only=True)
    opened(path).close()
    opened(path, read_only=True).close()


# Of a process that is killed


def test_saves_are_whole_after_a_power_cut(path: Path) -> None:
    """NORMAL keeps every save whole; OFF would not, and only a power cut shows it."""
    store = opened(path)
    settings = [
        store._connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous")
    ]
    assert settings == ["wal", 1]
    store.close()


class Interrupted(dict[str, bytes | None]):
    def items(self) -> Never:
        raise KeyboardInterrupt


def test_an_interrupted_save_changes_nothing(path: Path) -> None:
    store = opened(path)
    deltas = {COHORT: Delta({"offered": 1})}
    half = Change(
        position=5, now=5, touched={"a": [b"1"]}, deltas=deltas, declarations=Interrupted()
    )
    with pytest.raises(KeyboardInterrupt):
        store.save(half)
    assert store.load() == Saved()
    assert registers(store) == []
    store.save(change(1))
    assert store.progress() == (1, 10)
    store.close()


def test_a_worker_may_die_at_any_statement(path: Path, tmp_path: Path) -> None:
    """The files are copied before each statement: what a kill at that moment leaves."""
    copies: list[Path] = []

    def copy(_: str) -> None:
        place = tmp_path / f"copy{len(copies)}"
        place.mkdir()
        for file in tmp_path.glob("state.db*"):
            shutil.copy(file, place)
        copies.append(place / "state.db")

    store = opened(path)
    store._connection.set_trace_callback(copy)
    for n in (1, 2, 3):
        touched = {"a": [b"%d" % n], f"n{n}": [b""]}
        store.save(
            Change(
                position=n,
                now=n,
                touched=touched,
                deltas={COHORT: Delta({"offered": 1})},
                records=[("a", n, b"")],
                counts={"arrived": 1},
            )
        )
    store._connection.set_trace_callback(None)
    store.close()
    assert len(copies) > 20
    for copied in copies:
        after = opened(copied)
        saved, n = after.load(), after.progress()[0]
        assert len(saved.contacts) == (n + 1 if n else 0)
        assert saved.contacts.get("a", [b"0"]) == [b"%d" % n]
        assert after.counts() == ({"arrived": n} if n else {})
        assert [revision for _, revision, _ in after.records()] == ([n] if n else [])
        assert [delta.sums["offered"] for _, _, delta in registers(after)] == ([n] if n else [])
        after.close()


SAVER = """
import itertools, sys
from pathlib import Path
from streams.runtimes.store import Change, Delta
from streams.runtimes.store_sqlite import SqliteStore

store = SqliteStore(Path(sys.argv[1]), identity="log/0")
start = store.progress()[0]
for n in itertools.count(start + 1):
    store.save(Change(
        position=n,
        now=n,
        touched={f"c{i}": [str(n).encode()] for i in range(50)} | {f"n{n}": [bytes(3_000)]},
        deltas={("cohort", 0, "[]"): Delta({"offered": 1})},
    ))
    print(n, flush=True)
"""


def test_a_killed_worker_leaves_position_and_state_of_one_save(path: Path) -> None:
    chance = random.Random(11)
    for _ in range(4):
        command = [sys.executable, "-c", SAVER, str(path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(chance.randrange(1, 60))]
        process.kill()
        lines += process.stdout.readlines()
        process.stdout.close()
        process.wait()
        store = opened(path)
        assert store.rebuilt is False
        saved = store.load()
        assert saved.position >= int(lines[-1])
        assert saved.now == saved.position
        assert {saved.contacts[f"c{i}"][0] for i in range(50)} == {str(saved.position).encode()}
        assert len(saved.contacts) == 50 + saved.position
        assert registers(store) == [(0, "[]", Delta({"offered": saved.position}))]
        store.close()
