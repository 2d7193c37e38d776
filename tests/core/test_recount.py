"""A recount gives what live registers give, however the evidence is cut into shares and files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from itertools import pairwise
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.json import decode

from schemas.departments import HEADQUARTERS, zone_of
from schemas.instants import HOUR, millis
from schemas.measures import MEASURES, Kind
from schemas.periods import day_of, spans
from schemas.record import ContactRecord, Declaration
from schemas.relations import RELATIONS
from streams.core.across import across_registers
from streams.core.behind import behind
from streams.core.buckets import Bucket, second
from streams.core.callers import Linked
from streams.core.figures import Answer, Counted, Question, Ratio, answer
from streams.core.fold import Folded, fold
from streams.core.recount import Counter
from streams.core.registers import COHORT, INTERVAL, kind
from streams.core.sweep import sweep
from streams.core.tally import Tally, Task
from streams.core.unexplained import unexplained
from tests.core.harness import from_scratch
from tests.strategies import DEPARTMENTS, ODD_MOMENTS, deliveries, worlds

DELIVERED = worlds(contacts=12).flatmap(deliveries)
ZONES = {name: zone_of(name) for name in DEPARTMENTS}
ACROSS = [relation.name for relation in RELATIONS.values() if relation.across]
_STARTS = sorted({day_of("UTC", moment) - timedelta(days=1) for moment in ODD_MOMENTS})


@dataclass
class Memory:
    """Files of a share, in memory."""

    files: Sequence[Sequence[bytes]]

    def __len__(self) -> int:
        return len(self.files)

    def subjects(self, number: int) -> list[str]:
        return list(dict.fromkeys(map(_subject, self.files[number])))

    def values(self, number: int) -> Iterator[tuple[list[str], list[bytes]]]:
        for value in self.files[number]:
            yield [_subject(value)], [value]


def _subject(raw: bytes) -> str:
    found: str = decode(raw)["subject"]
    return found


def _cut(raws: Sequence[bytes], cuts: Sequence[int]) -> list[Sequence[bytes]]:
    bounds = sorted(cut % (len(raws) + 1) for cut in cuts)
    return [raws[a:b] for a, b in pairwise([0, *bounds, len(raws)])]


def _shares(raws: Sequence[bytes], cuts: Sequence[int]) -> list[Memory]:
    """Two partitions, each in several files."""
    halves = [[raw for raw in raws if crc32(_subject(raw).encode()) % 2 == half] for half in (0, 1)]
    return [Memory(_cut(half, cuts)) for half in halves]


def _folded(raws: Sequence[bytes], as_of: int) -> dict[str, Folded]:
    found = {
        subject: fold([raw for raw in raws if _subject(raw) == subject], as_of)
        for subject in dict.fromkeys(map(_subject, raws))
    }
    return {subject: one for subject, one in found.items() if one is not None}


def _question(attribution: str) -> Question:
    days = [(s, min(s + timedelta(days=7), e)) for s, e in pairwise((*_STARTS, date.max))]
    return Question(
        measures=[m for m in MEASURES.values() if attribution == COHORT or m.kind is Kind.COUNT],
        spans=[
            span
            for zone in sorted({*ZONES.values(), HEADQUARTERS})
            for start, end in days
            for span in spans(zone, start, end, "day")
        ],
        by=("department", "queue"),
        zones=ZONES,
        default_zone=HEADQUARTERS,
    )


def _expected(raws: Sequence[bytes], question: Question, attribution: str, as_of: int) -> Answer:
    folded = _folded(raws, as_of).values()
    records = [one for one in folded if isinstance(one, ContactRecord)]
    registers = {**from_scratch(raws, as_of), **across_registers(records, as_of, ACROSS)}

    def counted(relation: str, by: str = attribution) -> Counted:
        return [(q, dims, r) for (k, q, dims), r in registers.items() if k == kind(relation, by)]

    answers = answer(question, counted)
    declared = [one for one in folded if isinstance(one, Declaration)]
    if attribution == COHORT:
        for group, ratio in unexplained(question, declared, counted("contacts", COHORT)).items():
            answers.setdefault(group, {})["funnel.unexplained"] = ratio
    return answers


def _linked(raws: Sequence[bytes]) -> Linked:
    linked = Linked()
    for raw in raws:
        data = decode(raw)["data"]
        for key in filter(None, (data.get("caller"), data.get("caller_before"))):
            linked.link(f"subject {_subject(raw)}", key)
    return linked


def _recounted(shares: Sequence[Memory], task: Task) -> Tally:
    tallies: list[Tally] = []
    packed: dict[Bucket, list[bytes]] = {}
    for share in shares:
        counter = Counter(task, lambda bucket, some: packed.setdefault(bucket, []).append(some))
        for _, found in sweep(share, task.as_of):
            for folded, events in found:
                counter.add(folded, events)
        tallies.append(counter.close())
    tallies += [second(task, relation, some) for (relation, _), some in packed.items()]
    return reduce(Tally.merge, reversed(tallies), Tally())


@settings(max_examples=30, deadline=None)
@given(
    raws=DELIVERED,
    cuts=st.lists(st.integers(0, 1_000), max_size=4),
    ahead=st.sampled_from([-20 * HOUR, 0, 13 * HOUR, 200 * HOUR]),
)
def test_a_sweep_folds_every_contact_once(raws: list[bytes], cuts: list[int], ahead: int) -> None:
    as_of = max(millis(decode(raw)["time"]) for raw in raws) + ahead
    found = [one for _, some in sweep(Memory(_cut(raws, cuts)), as_of) for one, _ in some]
    assert sorted(found, key=repr) == sorted(_folded(raws, as_of).values(), key=repr)


@pytest.mark.parametrize("attribution", [COHORT, INTERVAL])
@settings(max_examples=15, deadline=None)
@given(
    raws=DELIVERED,
    cuts=st.lists(st.integers(0, 1_000), max_size=4),
    ahead=st.sampled_from([0, 13 * HOUR, 200 * HOUR]),
)
def test_a_recount_of_shares_is_the_figure_of_the_whole(
    attribution: str, raws: list[bytes], cuts: list[int], ahead: int
) -> None:
    as_of = max(millis(decode(raw)["time"]) for raw in raws) + ahead
    question = _question(attribution)
    task = Task(question, attribution, as_of, _linked(raws))
    tally = _recounted(_shares(raws, cuts), task)
    assert tally.answer(question) == _expected(raws, question, attribution, as_of)
    assert tally.events == len(raws)


@settings(max_examples=15, deadline=None)
@given(raws=DELIVERED, ahead=st.sampled_from([0, 13 * HOUR, 200 * HOUR]))
def test_what_contacts_contribute_adds_up_to_the_figure(raws: list[bytes], ahead: int) -> None:
    as_of = max(millis(decode(raw)["time"]) for raw in raws) + ahead
    question, folded = _question(COHORT), _folded(raws, as_of).values()
    expected = _expected(raws, question, COHORT, as_of)
    for name in ("answer.rate", "wait.mean", "segment.entered", "repeat.rate", "fidelity.missed"):
        sums: dict[object, list[int]] = {}
        for part in behind(question, MEASURES[name], folded, as_of):
            into = sums.setdefault(part.group, [0, 0])
            into[0] += part.ratio.numerator or 0
            into[1] += part.ratio.denominator or 0
        assert {
            group: [ratio.numerator or 0, ratio.denominator or 0]
            for group, found in expected.items()
            if isinstance(ratio := found.get(name), Ratio)
        } == sums
