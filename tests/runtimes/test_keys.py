"""Keys by period: tokens that outlive a change of keys by a week, holds, and destruction."""

from __future__ import annotations

import shutil
from argparse import Namespace
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.admission import AHEAD
from schemas.errors import DeadLetter, Stop
from schemas.instants import DAY, HOUR, instant, millis
from schemas.topics import EVENTS, partition_of
from sinks.archive.disposal import disposals, record
from sinks.archive.verifier import verify
from streams.commands import keys
from streams.commands.intake import settle
from streams.home import Home
from streams.keyring.keyring import CALLER, SEAL, Keyring
from streams.keyring.keys import CallerKeys, OpenKeys, SealKeys, privacy_of
from streams.logs.port import Log
from tests.core.examples import raw
from tests.runtimes.support import registers

APRIL = millis("2026-04-01T00:00:00.000Z")
WEEK = 7 * DAY
NUMBER = "15145550100"


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "keys")


@pytest.fixture
def callers(keyring: Keyring) -> CallerKeys:
    return CallerKeys(keyring)


@pytest.mark.parametrize(
    ("at", "name", "until"),
    [
        ("2026-03-31T23:59:59.999Z", "2026-01-01", "2026-04-01T00:00:00.000Z"),
        ("2026-04-01T00:00:00.000Z", "2026-04-01", "2026-07-01T00:00:00.000Z"),
        ("2026-12-31T23:59:59.999Z", "2026-10-01", "2027-01-01T00:00:00.000Z"),
        ("2024-02-29T12:00:00.000Z", "2024-01-01", "2024-04-01T00:00:00.000Z"),
        ("1999-08-31T22:00:00.000Z", "1999-07-01", "1999-10-01T00:00:00.000Z"),
    ],
)
def test_a_period_is_a_quarter_of_the_fiscal_year(
    keyring: Keyring, at: str, name: str, until: str
) -> None:
    period = keyring.period_at(millis(at))
    assert (period.name, instant(period.end_ms)) == (name, until)
    assert keyring.named(name) == period
    assert period.start_ms <= millis(at) < period.end_ms


@given(at=st.integers(millis("1990-01-01T00:00:00.000Z"), millis("2090-01-01T00:00:00.000Z")))
def test_every_instant_is_in_one_period(at: int) -> None:
    keyring = Keyring(Path("/nowhere"))
    period = keyring.period_at(at)
    assert period.start_ms <= at < period.end_ms
    assert keyring.period_at(period.start_ms) == keyring.period_at(period.end_ms - 1) == period
    assert keyring.period_at(period.end_ms).start_ms == period.end_ms


@pytest.mark.parametrize("name", ["", "..", "2026-04-02", "2026-04-01T00", "2026-13-01", "soon"])
def test_what_names_no_period_is_refused(keyring: Keyring, name: str) -> None:
    with pytest.raises(DeadLetter, match="no period begins at"):
        keyring.named(name)


def test_a_token_is_a_keyed_hash_of_128_bits(callers: CallerKeys) -> None:
    token = callers.token(NUMBER, APRIL)
    assert len(bytes.fromhex(token)) == 16
    assert token != callers.token("15145550101", APRIL)
    assert token == callers.token(NUMBER, APRIL + 90 * DAY)


def test_a_change_of_keys_is_bridged_for_a_week(callers: CallerKeys) -> None:
    before, after = callers.token(NUMBER, APRIL - 1), callers.token(NUMBER, APRIL)
    assert before != after
    assert callers.token_before(NUMBER, APRIL - 1) is None
    assert callers.token_before(NUMBER, APRIL) == before
    assert callers.token_before(NUMBER, APRIL + WEEK - 1) == before
    assert callers.token_before(NUMBER, APRIL + WEEK) is None


def test_tokens_depend_on_the_time_of_the_event_and_on_nothing_else(keyring: Keyring) -> None:
    """In whatever order they are asked for, and by whichever process."""
    times = [APRIL - 1, APRIL, APRIL + WEEK, APRIL - 200 * DAY, APRIL + DAY]

    def told(order: list[int]) -> dict[int, tuple[str, str | None]]:
        callers = CallerKeys(keyring)
        return {at: (callers.token(NUMBER, at), callers.token_before(NUMBER, at)) for at in order}

    assert told(times) == told(times[::-1]) == told(sorted(times))


def test_another_folder_gives_other_tokens(tmp_path: Path) -> None:
    tokens = {CallerKeys(Keyring(tmp_path / name)).token(NUMBER, APRIL) for name in "ab"}
    assert len(tokens) == 2


def test_keys_are_readable_by_their_owner_only(tmp_path: Path, callers: CallerKeys) -> None:
    callers.token(NUMBER, APRIL)
    found = {path: path.stat().st_mode & 0o777 for path in (tmp_path / "keys").rglob("*")}
    found[tmp_path / "keys"] = (tmp_path / "keys").stat().st_mode & 0o777
    assert found == {
        tmp_path / "keys": 0o700,
        tmp_path / "keys" / "2026-04-01": 0o700,
        tmp_path / "keys" / "2026-04-01" / "caller": 0o600,
    }


@pytest.mark.parametrize("left", ["", "z" * 64, "ab" * 31])
def test_a_damaged_key_is_neither_used_nor_replaced(keyring: Keyring, left: str) -> None:
    keyring.key("2026-04-01", CALLER)
    path = next(Path(keyring.folder).rglob(CALLER))
    path.write_text(left)
    for ask in (keyring.key, keyring.found):
        with pytest.raises(Stop, match="2026-04-01/caller"):
            ask("2026-04-01", CALLER)
    assert path.read_text() == left


def test_a_period_begun_early_has_a_key_of_its_own(tmp_path: Path) -> None:
    keyring, at = Keyring(tmp_path / "keys"), millis("2026-05-10T14:00:00.000Z")
    before = CallerKeys(keyring).token(NUMBER, at - 1)
    assert keyring.begin(at) == ("2026-05-10T14", at, millis("2026-07-01T00:00:00.000Z"))
    callers = CallerKeys(Keyring(tmp_path / "keys"))
    assert callers.token(NUMBER, at - 1) == before
    assert callers.token(NUMBER, at) != before
    assert callers.token_before(NUMBER, at) == callers.token_before(NUMBER, at + WEEK - 1) == before
    assert [period.name for period in keyring.periods()] == ["2026-04-01", "2026-05-10T14"]
    assert keyring.named("2026-04-01").end_ms == at


def test_a_period_begun_early_is_seen_by_who_is_running(tmp_path: Path) -> None:
    running = Keyring(tmp_path / "keys")
    at = APRIL + 10 * HOUR
    assert running.period_at(at - 1).name == "2026-04-01"
    Keyring(tmp_path / "keys").begin(at)
    assert running.period_at(at).name == "2026-04-01T10"


def test_a_hold_is_kept_with_its_reason_until_it_is_released(keyring: Keyring) -> None:
    assert keyring.held("2026-04-01") is None
    keyring.hold("2026-04-01", "access request 12")
    assert keyring.held("2026-04-01") == "access request 12"
    keyring.release("2026-04-01")
    assert keyring.held("2026-04-01") is None


def test_a_destroyed_key_is_never_made_again(keyring: Keyring, callers: CallerKeys) -> None:
    """Else the same line would give other bytes when it is imported again."""
    callers.token(NUMBER, APRIL - 1)
    keyring.destroy("2026-01-01")
    fresh = CallerKeys(keyring)
    for ask in (fresh.token, fresh.token_before):
        with pytest.raises(Stop, match="keys of the period from 2026-01-01 were destroyed"):
            ask(NUMBER, APRIL - 1 if ask == fresh.token else APRIL)
    with pytest.raises(Stop, match="destroyed"):
        SealKeys(keyring).closing("2026-01-01")
    assert not list(Path(keyring.folder).rglob(CALLER))
    keyring.destroy("2026-01-01")
    assert not keyring.left("2026-01-01")


def test_a_sealed_column_needs_its_key_unless_it_was_disposed_of(
    tmp_path: Path, keyring: Keyring
) -> None:
    with pytest.raises(Stop, match="is not here: restore it"):
        OpenKeys(keyring, tmp_path).opening("2026-04-01")
    key = SealKeys(keyring).closing("2026-04-01")
    assert OpenKeys(keyring, tmp_path).opening("2026-04-01") == key
    record(tmp_path, "2026-04-01", "why", 0)
    assert OpenKeys(keyring, tmp_path).opening("2026-04-01") is None  # copy or no copy


@pytest.mark.parametrize("text", ["seal = 1", "sealed = true", "seal"])
def test_settings_that_cannot_be_meant_are_refused(tmp_path: Path, text: str) -> None:
    assert not privacy_of(tmp_path).seal
    (tmp_path / "privacy.toml").write_text(text)
    with pytest.raises(DeadLetter, match=r"privacy\.toml"):
        privacy_of(tmp_path)


#: A data folder in which one contact came in sealed, in the first quarter of 2026.
PERIOD, CAME = "2026-01-01", APRIL - 30 * DAY
CONTACT = [
    raw("contact.arrived", 0, department="ircc", channel="phone", caller="f" * 32),
    raw("queue.entered", 10, queue="q1"),
    raw("agent.connected", 40, agent="a1"),
    raw("contact.ended", 100, by="agent"),
]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "data")
    home.data.mkdir()
    (home.data / "privacy.toml").write_text("seal = true\n")
    with closing(home.log()) as log, home.lock():
        log.append(EVENTS, [("c", value) for value in CONTACT], CAME)
        settle(home)
    return home


def contents(home: Home) -> list[bytes]:
    with closing(home.log()) as log:
        past = home.past(log)
        return list(past.lookup(partition_of("c"), {"c"}, 99, 0).get("c", ()))


def counted(home: Home) -> object:
    """What the state files say, after counting anew if there are none."""
    with home.lock():
        settle(home)
    with home.stores() as stores:
        found = registers(stores)
    assert found
    return found


def killed_after(home: Home, steps: int) -> None:
    """A destruction of which only so many steps were done."""
    folder = home.data / "keys" / PERIOD
    doings: list[Callable[[], object]] = [
        lambda: record(home.archive, PERIOD, "why", 0),
        lambda: shutil.rmtree(home.data / "state"),
        lambda: (folder / "destroyed").write_text(""),
        lambda: (folder / SEAL).write_bytes(bytes(40)),
        (folder / SEAL).unlink,
    ]
    for do in doings[:steps]:
        do()


@pytest.mark.parametrize("steps", range(1, 6))
def test_a_destruction_that_was_killed_is_finished_by_whoever_comes_next(
    home: Home, steps: int
) -> None:
    killed_after(home, steps)
    report = verify(home.archive, keys=home.keys())
    assert (report.faults, report.disposed) == ([], {PERIOD: 1})
    with home.lock():
        pass
    assert not home.keyring.left(PERIOD)
    assert not list((home.data / "keys").rglob(SEAL))
    assert not (home.data / "state").exists()
    assert [entry.period for entry in disposals(home.archive)] == [PERIOD]


def test_a_destruction_that_was_killed_before_it_was_recorded_did_not_happen(
    home: Home,
) -> None:
    with suppress(KeyboardInterrupt), home.lock(), home.keyring.lock():
        raise KeyboardInterrupt
    with home.lock():
        pass
    assert contents(home) == CONTACT
    assert disposals(home.archive) == []


def test_figures_are_the_same_before_and_after_a_disposal(home: Home) -> None:
    before = counted(home)
    assert contents(home) == CONTACT
    with home.lock():
        home.dispose(PERIOD, "two years have passed", APRIL)
    assert not (home.data / "state").exists()  # it held what callers said, in the clear
    assert counted(home) == before
    left = contents(home)
    assert len(left) == len(CONTACT)
    assert all(b"f" * 32 not in value for value in left)
    for path in (home.data / "state").rglob("*.sqlite*"):
        assert b"f" * 32 not in path.read_bytes()


def test_a_key_stays_where_the_disposal_could_not_be_recorded(home: Home) -> None:
    (home.archive / "disposals").write_text("in the way")
    with pytest.raises(OSError, match="disposals"), home.lock():
        home.dispose(PERIOD, "why", APRIL)
    (home.archive / "disposals").unlink()
    assert contents(home) == CONTACT


def test_what_is_still_in_the_log_is_archived_before_its_key_goes(home: Home) -> None:
    """Nothing could be sealed under a destroyed key, so it would never be archived."""
    other = [value.replace(b'"c"', b'"d"') for value in CONTACT]
    with closing(home.log()) as log:
        log.append(EVENTS, [("d", value) for value in other], CAME)
    keys.run(Namespace(data=home.data, what="destroy", period=PERIOD, reason="why"))
    with home.lock():
        settle(home)
    report = verify(home.archive)
    assert (report.rows, report.disposed) == (len(CONTACT) + len(other), {PERIOD: report.files})


@given(now=st.integers(APRIL, APRIL + DAY))
def test_a_period_is_begun_early_only_where_nothing_has_happened_yet(now: int) -> None:
    start = keys.next_start(now)
    assert start % HOUR == 0
    assert AHEAD < start - now <= HOUR + keys.AHEAD


def test_facts_that_come_late_for_what_was_disposed_of_are_counted(home: Home) -> None:
    late = [raw("hold.started", 50), raw("hold.ended", 60)]
    other = Home(home.data.with_name("undisturbed"))
    shutil.copytree(home.data, other.data)
    with home.lock():
        home.dispose(PERIOD, "why", APRIL)
    for place in (home, other):
        with closing(place.log()) as log:
            bring(log, late)
    assert counted(home) == counted(other)


def bring(log: Log, values: list[bytes]) -> None:
    log.append(EVENTS, [("c", value) for value in values], APRIL + DAY)
