"""The mirror equals the stores of those who own the partitions, whoever else wrote, and when."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from schemas.errors import Stop
from schemas.instants import HOUR, MINUTE
from schemas.intervals import BY, GRAIN, IntervalFigures, key_of
from streams.core.figures import figures
from streams.kafka.intervals import messages
from streams.kafka.marks import Place
from streams.kafka.merged import Merged
from streams.kafka.messages import (
    Progress,
    RegisterAt,
    Version,
    Whole,
    progress_key,
    register_key,
    whole_key,
)
from streams.kafka.mirror import Mirror, discard
from streams.kafka.writers import SILENCE
from streams.logs.memory import MemoryLog
from streams.runtimes.asking import Request, ask
from streams.runtimes.board import board, board_of
from streams.runtimes.live import LiveWorker
from streams.runtimes.partition import LivePartition
from streams.runtimes.store import Delta, StateStore
from streams.runtimes.store_memory import MemoryStore
from tests.core.examples import DAY_OF_START, raw
from tests.kafka.writing import RULES, START, State, Topic, Touch, Writer, fold, register_of, told
from tests.runtimes.support import ListedPast, bring

FAR = 2**60
MINUTES = st.integers(0, 45).map(lambda minutes: START + minutes * MINUTE)
TOUCHES = st.builds(Touch, st.integers(0, 4), MINUTES, st.booleans())


#: Quarter, group, what it is of, and what it is.
Said = tuple[int, Place, str, bytes]


def shown(mirror: Mirror) -> State:
    """What the mirror says of its partition."""
    view = mirror.view(0)
    position, now = view.progress()
    registers = {
        ("contacts.cohort", quarter, dims): Delta(sums, spreads)
        for quarter, dims, sums, spreads in view.registers(0, FAR, "contacts.cohort")
    }
    return State(Version(position, now or 0), registers, view.declarations())


class Zombies(RuleBasedStateMachine):
    """Any number of writers of one log, who read, hear the clock, write, die and come back."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "merge.sqlite"
        self.mirror = Mirror(self.path, RULES)
        self.topic, self.writers, self.published = Topic(), list[Writer](), set[Said]()
        self.due = 0  # up to where a mirror must have read before it publishes

    @initialize(log=st.lists(TOUCHES, max_size=12))
    def begin(self, log: list[Touch]) -> None:
        self.log = log
        self.clock = START

    @rule(position=st.integers(0, 12))
    def assign(self, position: int) -> None:
        """Somebody is given the partition, with a copy that may be old."""
        position = min(position, len(self.log))
        newest = max((touch.at for touch in self.log[:position]), default=START)
        state = fold(self.log, Version(position, newest))
        self.writers.append(Writer(f"w{len(self.writers)}", self.log, self.topic, state))

    @precondition(lambda self: self.writers)
    @rule(data=st.data(), rows=st.integers(0, 6))
    def read(self, data: st.DataObject, rows: int) -> None:
        data.draw(st.sampled_from(self.writers)).read(rows)

    @precondition(lambda self: self.writers)
    @rule(data=st.data(), now=MINUTES)
    def hear(self, data: st.DataObject, now: int) -> None:
        self.clock = max(self.clock, now)
        data.draw(st.sampled_from(self.writers)).hear(self.clock)

    @precondition(lambda self: self.writers)
    @rule(data=st.data(), upto=st.none() | st.integers(0, 5))
    def write(self, data: st.DataObject, upto: int | None) -> None:
        data.draw(st.sampled_from(self.writers)).write(upto)

    @rule(back=st.integers(0, 5))
    def compact(self, back: int) -> None:
        self.topic.compact(self.topic.end - back)

    @rule(limit=st.integers(1, 20))
    def take(self, limit: int) -> None:
        self.mirror.apply({0: self.topic.read(self.mirror.offsets().get(0, 0), limit)})

    @rule()
    def restart(self) -> None:
        self.mirror.close()
        self.mirror = Mirror(self.path, RULES)

    @rule()
    def lose(self) -> None:
        """The disk of the mirror is gone; what it published is not."""
        self.mirror.close()
        discard(self.path)
        self.mirror, self.due = Mirror(self.path, RULES), self.topic.end

    @property
    def caught_up(self) -> bool:
        return self.mirror.offsets().get(0, 0) >= self.due

    @precondition(lambda self: self.caught_up)
    @rule(data=st.data())
    def publish(self, data: st.DataObject) -> None:
        """Some of what changed, or all of it."""
        marked = [(q, place) for q, places in self.mirror.changed().items() for place in places]
        sent = set(data.draw(st.lists(st.sampled_from(marked)) if marked else st.just([])))
        kept = {said for said in self.published if said[:2] not in sent}
        self.published = kept | {said for said in groups(shown(self.mirror)) if said[:2] in sent}
        self.mirror.published({q: {p for of, p in sent if of == q} for q, _ in sent})

    @precondition(lambda self: self.caught_up)
    @invariant()
    def what_changed_is_marked(self) -> None:
        differ = groups(shown(self.mirror)) ^ self.published
        marked = {(q, place) for q, places in self.mirror.changed().items() for place in places}
        assert {(quarter, place) for quarter, place, *_ in differ} <= marked

    def teardown(self) -> None:
        try:
            if hasattr(self, "log"):
                self.settle()
        finally:
            self.mirror.close()
            self.folder.cleanup()

    def settle(self) -> None:
        """One more is given the partition, reads to the end and writes; then zombies do."""
        self.assign(0)
        *zombies, owner = self.writers
        owner.read(len(self.log))
        owner.hear(max([self.clock, *(writer.state.version.now_ms for writer in zombies)]))
        owner.write()
        for zombie in zombies:
            zombie.write()
        self.mirror.apply({0: self.topic.read(self.mirror.offsets().get(0, 0), FAR)})
        self.equal(self.mirror, owner)
        with closing(Mirror(self.path.with_name("another"), RULES)) as another:
            another.apply({0: self.topic.rows})
            self.equal(another, owner)

    def equal(self, mirror: Mirror, owner: Writer) -> None:
        assert shown(mirror) == owner.state
        assert mirror.view(0).counts() == owner.state.counts


def groups(state: State) -> set[Said]:
    """Quarter and group of all that is counted or declared, with what that is."""
    found: set[Said] = set()
    for (_, quarter, dims), register in state.registers.items():
        place = msgspec.json.decode(dims)
        found.add((quarter, (place[0], place[2]), dims, msgspec.json.encode(register)))
    for subject, value in state.declarations.items():
        declared = msgspec.json.decode(value)
        found.add((declared["start_ms"], ("ircc", "q1"), subject, value))
    return found


TestZombies = Zombies.TestCase
TestZombies.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)


LOG = [Touch(1, START), Touch(2, START), Touch(1, START, declares=True)]


def writer(topic: Topic, position: int, name: str = "w", now: int = START) -> Writer:
    """One that has written all there is."""
    found = Writer(name, LOG, topic, fold(LOG, Version(position, now)))
    found.write()
    return found


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    with closing(Mirror(tmp_path / "merge.sqlite", RULES)) as found:
        yield found


def test_what_the_writer_that_is_shown_changes_is_marked_until_it_is_published(
    mirror: Mirror,
) -> None:
    topic = Topic()
    owner = writer(topic, 1)
    mirror.apply({0: topic.rows})
    assert mirror.changed() == {START: {("ircc", "q1")}}
    for place in (("ircc", "q0"), ("ircc", "q1")):  # a contact of another queue; a declaration
        mirror.published(mirror.changed())
        assert mirror.changed() == {}
        owner.read(1)
        owner.write()
        mirror.apply({0: topic.read(mirror.offsets()[0], FAR)})
        assert mirror.changed() == {START: {place}}


def test_a_mirror_made_again_takes_back_what_a_lost_one_may_have_published(mirror: Mirror) -> None:
    """All that is left of a register is that it is no more: the intervals may still have it."""
    topic = Topic()
    owner = writer(topic, 1)
    owner.state = State(Version(2, START))  # the contact turned out to be nobody's
    owner.write()
    topic.compact(topic.end)
    mirror.apply({0: topic.rows})
    assert mirror.changed() == {START: {("ircc", "q1")}}


def test_a_mirror_made_again_takes_back_what_only_a_dead_writer_had(mirror: Mirror) -> None:
    """It was shown once: its heir, who is further, has nothing of it, and says nothing of it."""
    topic = Topic()
    writer(topic, 1, "dead")
    heir = Writer("heir", LOG, topic, State(Version(2, START)))
    heir.write()
    mirror.apply({0: topic.rows})
    assert mirror.changed() == {START: {("ircc", "q1")}}


def test_a_writer_is_shown_only_once_all_there_is_was_written(mirror: Mirror) -> None:
    topic = Topic()
    owner = Writer("w", LOG, topic, fold(LOG, Version(3, START)))
    owner.write(upto=3)
    mirror.apply({0: topic.rows})
    assert (mirror.versions(), mirror.changed(), mirror.view(0).counts()) == ({}, {}, {})
    owner.write()
    mirror.apply({0: topic.read(mirror.offsets()[0], FAR)})
    assert mirror.versions() == {0: Version(3, START)}


def test_an_heir_who_says_the_same_in_another_order_changes_nothing(mirror: Mirror) -> None:
    version, key = Version(1, START), register_of(1, START)
    for name, spread in (("zombie", {1: 1, 2: 5}), ("heir", {2: 5, 1: 1})):
        topic = Topic()
        more: dict[str, Any] = {"rules": RULES, "writer": name, "version": version}
        register = RegisterAt(**more, sums={"arrived": 6}, spreads={"waits": spread})
        for at, value in (
            (whole_key(name), msgspec.json.encode(Whole(**more))),
            (register_key(name, key), msgspec.json.encode(register)),
            (progress_key(name), msgspec.json.encode(Progress(**more))),
        ):
            topic.append(at, value)
        mirror.published(mirror.changed())
        mirror.apply({0: topic.rows})
    assert mirror.changed() == {}


def test_what_other_rules_made_is_ignored(tmp_path: Path) -> None:
    topic = Topic()
    writer(topic, 3)
    with closing(Mirror(tmp_path / "merge.sqlite", "other")) as other:
        other.apply({0: topic.rows})
        assert (other.versions(), other.changed()) == ({}, {})
        assert other.offsets() == {0: topic.end}


def test_a_mirror_of_other_rules_and_a_damaged_one_are_begun_again(tmp_path: Path) -> None:
    path, topic = tmp_path / "merge.sqlite", Topic()
    writer(topic, 3)
    for spoil in (lambda: None, lambda: path.write_bytes(b"no database at all" * 100)):
        with closing(Mirror(path, RULES)) as found:
            found.apply({0: topic.rows})
        spoil()
        with closing(Mirror(path, "others")) as found:
            assert found.offsets() == {}


def test_a_writer_that_was_silent_for_long_is_forgotten_by_topic_and_mirror(mirror: Mirror) -> None:
    topic = Topic()
    zombie = writer(topic, 2, "zombie")
    topic.clock = SILENCE
    owner = writer(topic, 3, "owner")
    mirror.apply({0: topic.rows})
    assert list(mirror.gone()) == []
    topic.clock += 1
    owner.write()
    mirror.apply({0: topic.rows})
    gone = mirror.gone()
    assert gone[0] == (0, whole_key("zombie"))
    assert {key.decode() for _, key in gone} == {r.key for r in topic.rows if "zombie" in r.key}
    for _, key in gone:
        topic.append(key, b"")
    mirror.apply({0: topic.rows})
    assert mirror.gone() == []
    zombie.read(1)
    zombie.write()  # what comes after its end is not all there is
    mirror.apply({0: topic.rows[-2:]})
    assert shown(mirror) == owner.state


def test_a_key_that_nobody_writes_is_a_contradiction(mirror: Mirror) -> None:
    topic = Topic()
    writer(topic, 1)
    topic.append(b'["registers", "w"]', b"{}")
    with pytest.raises(Stop, match=f"offset {topic.end - 1} "):
        mirror.apply({0: topic.rows})
    assert mirror.offsets() == {}


# Figures.


def told_to(path: Path, stores: Sequence[StateStore]) -> Mirror:
    found = Mirror(path, RULES)
    found.apply({number: told(store) for number, store in enumerate(stores)})
    return found


def test_the_board_of_the_mirror_is_that_of_the_stores(tmp_path: Path) -> None:
    stores, worker = counted()
    with closing(told_to(tmp_path / "merge.sqlite", stores)) as mirror:
        embedded = board(worker)
        views, as_of = [mirror.view(number) for number in range(2)], worker.now
        merged = Merged(views)
        for parts in (views, [merged], [merged]):
            assert board_of(parts, as_of, embedded.positions, embedded.queues) == embedded
        assert embedded.today
        assert {number: at.position for number, at in mirror.versions().items()} == {
            **embedded.positions
        }


def test_intervals_are_what_measures_says_and_only_those_that_changed(tmp_path: Path) -> None:
    stores, worker = counted()
    with closing(told_to(tmp_path / "merge.sqlite", stores)) as mirror:
        views = [mirror.view(number) for number in range(2)]
        changed, as_of = mirror.changed(), worker.now or 0
        sent = dict(messages(Merged(views), changed, as_of))
        assert {key: value and arrived(value) for key, value in sent.items()} == by_hand(stores)
        first = min(changed)
        again = dict(messages(Merged(views), {first: {("ircc", "q1")}}, as_of))
        key = "2026-01-05T09:00:00-05:00|America/Toronto|ircc|q1"
        assert again == {key: sent[key]} != sent


def test_what_changed_is_added_up_again(mirror: Mirror) -> None:
    topic, merged = Topic(), Merged([mirror.view(0)])
    owner = writer(topic, 0)
    assert list(merged.registers(START, START + HOUR, "contacts.cohort")) == []
    owner.read(2)
    owner.write()
    mirror.apply({0: topic.rows})
    assert list(merged.registers(START, START + HOUR, "contacts.cohort")) == []
    merged.changed(mirror.changed())
    assert len(list(merged.registers(START, START + HOUR, "contacts.cohort"))) == 2


def test_a_group_of_which_nothing_is_left_is_taken_back(mirror: Mirror) -> None:
    place: tuple[str | None, ...] = ("ircc", None)
    ((key, value),) = messages(Merged([mirror.view(0)]), {START: {place}}, START)
    assert (key, value) == ("2026-01-05T09:00:00-05:00|America/Toronto|ircc|", None)


def counted() -> tuple[list[MemoryStore], LiveWorker]:
    """Contacts of two departments and two queues, in two quarters and two partitions."""
    stores, log = [MemoryStore(), MemoryStore()], MemoryLog(partitions=2)
    worker = LiveWorker(
        [LivePartition(log, n, store, ListedPast()) for n, store in enumerate(stores)]
    )
    facts = []
    for n in range(12):
        second, name, of = 300 * n, f"c{n}", "ircc" if n % 3 else "vac"
        facts.append(raw("contact.arrived", second, name, department=of, channel="phone"))
        if n % 2:
            facts.append(raw("queue.entered", second, name, queue=f"q{n % 4}"))
    bring(log, facts)
    worker.step()
    return stores, worker


def arrived(value: bytes) -> int | None:
    rows = msgspec.json.decode(value, type=IntervalFigures).figures
    return next(row.numerator for row in rows if row.measure == "funnel.arrived")


def by_hand(stores: Sequence[MemoryStore]) -> dict[str, int | None]:
    request = Request(*DAY_OF_START, GRAIN, BY, ("funnel.arrived",))
    reply = ask(stores, request)
    found = figures(reply.question, reply.answers, reply.as_of or 0)
    return {key_of(row.period, row.dimensions): row.numerator for row in found}
