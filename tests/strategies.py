"""Random lives of every kind: whole and broken, repeated, contradicted, late, and out of order.

Each event is drawn as one number that is taken apart into choices: ten times as fast as a
draw for each choice, and it still shrinks towards the first choice of each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import strategies as st

from schemas.event import Data, Event, encode, schema_id
from schemas.instants import HOUR, MINUTE, instant, millis
from schemas.vocabulary import VOCABULARY
from tests.core.stories import (
    FACTS,
    MESSAGES,
    NEIGHBOURS,
    PHONE,
    REPEATS,
    SHIFTS,
    WEB,
    Story,
)

#: Moments at which local time does something odd, and one at which it does not. They are more
#: than a week apart.
ODD_MOMENTS = tuple(
    millis(text)
    for text in (
        "2026-01-05T14:00:00.000Z",
        "2026-03-08T06:59:00.000Z",  # the clock goes forward in Toronto, one minute later
        "2026-11-01T05:59:00.000Z",  # and back
        "2026-02-01T04:59:30.000Z",  # midnight in Toronto, and a month's end
        "2026-04-01T03:59:59.000Z",  # a fiscal year's edge
        "2025-04-17T20:59:30.000Z",  # closing time before Easter, whose Monday is a holiday
    )
)
STEPS = (
    *(0, 0, 1, 999, 1_000, 9_999, 10_000, 20_000, 20_001, 60_000, 5 * MINUTE, 16 * MINUTE),
    *(40 * MINUTE, 3 * HOUR, 12 * HOUR, 12 * HOUR + 1, 30 * HOUR),
)
SHORT_STEPS = (0, 1_000, 1_000, 20_000, 60_000, 5 * MINUTE, 16 * MINUTE)
#: Of what takes days: a night, a weekend, a week to the millisecond.
LONG_STEPS = (*STEPS, 17 * HOUR, 24 * HOUR - 1, 24 * HOUR, 65 * HOUR, 168 * HOUR, 168 * HOUR + 1)
SLOW = ("email.", "survey.", "escalation.", "topic.")
DEPARTMENTS = ("ircc", "vac", "bank")
KINDS = (
    *(name for name in VOCABULARY if name != "control.total_declared"),
    *("something.else", "email.bounced"),
)
#: By bytes: of large integers, small ones are drawn mostly, and they hold few choices.
NUMBERS = st.binary(min_size=16, max_size=16).map(int.from_bytes)
#: What neighbours in a queue share, and contacts of one caller.
SHARED = ("department", "queue", "language", "skill", "priority", "caller", "topic")
T = TypeVar("T")


class Choices:
    """A number taken apart into choices."""

    def __init__(self, number: int) -> None:
        self.number = number

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        self.number, index = divmod(self.number, len(options))
        return options[index]

    def chance(self, one_in: int) -> bool:
        """True once in so many."""
        return self.pick(range(one_in)) == one_in - 1


@dataclass(frozen=True)
class Setting:
    """Where and when lives happen: what they have in common, so that contacts meet.

    Attributes:
        moment: when all of them begin, give or take; None: each at a moment of its own.
        facts: what most events say of a field.
        loyal: nearly all events do, and the fields are there wherever they may be.
        starts, steps: milliseconds from the moment, and from an event to the next.
    """

    stories: Sequence[Story] = (*PHONE, *MESSAGES, *WEB)
    moment: int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    loyal: bool = False
    starts: Sequence[int] = STEPS
    steps: Sequence[int] = STEPS


OWN = Setting()


def _setting(choices: Choices) -> Setting:
    """Lives of their own, a few things in common, neighbours in a queue, or one caller's."""
    moment = choices.pick(ODD_MOMENTS)
    facts = {name: choices.pick(FACTS[name]) for name in SHARED}
    return choices.pick(
        (
            OWN,
            Setting(moment=moment, facts=facts),
            Setting(NEIGHBOURS, moment, facts, True, SHORT_STEPS, SHORT_STEPS),
            Setting(REPEATS, moment, {**facts, "caller": "k1"}, True, LONG_STEPS),
        )
    )


def _names(kind: str, choices: Choices, setting: Setting) -> Iterator[str]:
    """The facts of an event: what its type must carry, some that it may, rarely another."""
    if kind in VOCABULARY:
        yield from VOCABULARY[kind].required
        for name in VOCABULARY[kind].optional:
            if not choices.chance(2) or (setting.loyal and name in setting.facts):
                yield name
    if choices.chance(16):
        yield choices.pick((*SHARED, "line", "program", "origin", "channel"))


def _data(kind: str, word: str, at: int, choices: Choices, setting: Setting) -> Data:
    """The facts of an event; `word` is the choice that its type is about, or ""."""
    closed = VOCABULARY[kind].choices if kind in VOCABULARY else {}
    facts: dict[str, object] = {}
    for name in _names(kind, choices, setting):
        if word in closed.get(name, ()):
            facts[name] = word
        elif name in setting.facts and not choices.chance(24 if setting.loyal else 4):
            facts[name] = setting.facts[name]
        else:
            facts[name] = choices.pick(closed.get(name) or FACTS.get(name) or (None,))
    for name in VOCABULARY[kind].required if kind in VOCABULARY else ():
        if facts[name] is None:
            facts[name] = FACTS[name][0]
    if kind == "contact.arrived" and not word:
        facts["channel"] = choices.pick(FACTS["channel"])
    if facts.get("caller") and choices.chance(4):  # the key has changed since
        facts["caller"], facts["caller_before"] = "k9", facts["caller"]
    if "promise_from" in facts:
        start = at + choices.pick(STEPS)
        facts["promise_from"] = instant(start)
        facts["promise_until"] = instant(start + choices.pick(STEPS))
    return Data(**facts)  # type: ignore[arg-type]


@st.composite
def _told(
    draw: st.DrawFn, subject: str, story: Story, start: int, missing: int, setting: Setting
) -> list[Event]:
    """The events of a story, in the order of their times; one of them may be missing."""
    events, at = [], start
    for number, (kind, word) in enumerate(story):
        choices = Choices(draw(NUMBERS))
        step = choices.pick(LONG_STEPS if kind.startswith(SLOW) else setting.steps)
        at += step if number else 0
        ids = (f"{subject}-{number}", f"{subject}-{number}", f"{subject}-{number // 4}")
        event = Event(
            time=instant(at),
            source=choices.pick(("acd/1", "acd/2")),
            sequence=choices.pick(("", f"{number:04d}")),
            id=choices.pick(ids),
            type=kind,
            subject=subject,
            dataschema=schema_id(kind, VOCABULARY[kind].version if kind in VOCABULARY else 1),
            data=_data(kind, word, at, choices, setting),
        )
        if number != missing or len(story) == 1:
            events.append(event)
    return events


@st.composite
def lives(draw: st.DrawFn, contact: str, setting: Setting = OWN) -> list[Event]:
    """The events of one contact: a story, or some events that make none."""
    shape = Choices(draw(NUMBERS))
    story = shape.pick((*setting.stories, None))
    if story is None:
        numbers = draw(st.lists(NUMBERS, min_size=1, max_size=9))
        story = tuple((Choices(n).pick(KINDS), "") for n in numbers)
    start = (setting.moment or shape.pick(ODD_MOMENTS)) + shape.pick(setting.starts)
    return draw(_told(contact, story, start, shape.pick(range(24)), setting))


@st.composite
def shifts(draw: st.DrawFn, subject: str) -> list[Event]:
    """The states of an agent, over the edges of quarter-hours."""
    shape = Choices(draw(NUMBERS))
    story, start = shape.pick(SHIFTS), shape.pick(ODD_MOMENTS) + shape.pick(STEPS)
    return draw(_told(subject, story, start, shape.pick(range(24)), OWN))


def _declared(number: int, choices: Choices) -> list[Event]:
    """One total, declared once or corrected."""
    start = choices.pick(ODD_MOMENTS) // HOUR * HOUR
    end = start + choices.pick((15 * MINUTE, HOUR, 24 * HOUR))
    return [
        Event(
            time=instant(end + version),
            source="switch",
            id=f"d{number}-{version}",
            type="control.total_declared",
            # Rarely a subject that also is a contact: then it is a contact, and declares nothing.
            subject=choices.pick((*(f"declared-{number}",) * 5, "c0")),
            data=Data(
                of="arrived",
                count=choices.pick(range(10)),
                period_start=instant(start),
                period_end=instant(end),
                attribution="cohort",
                authority=choices.pick(("carrier", "switch", "workforce")),
                department=choices.pick(DEPARTMENTS),
                queue=choices.pick(("q1", "q2", None)),
                origin=choices.pick((None, None, "abroad")),
            ),
        )
        for version in range(choices.pick((1, 2)))
    ]


@st.composite
def worlds(draw: st.DrawFn, contacts: int = 4) -> list[Event]:
    """The events of several contacts, of a shift or two, and of a declaration or two."""
    setting = _setting(Choices(draw(NUMBERS)))
    found = [
        event
        for number in range(draw(st.integers(1, contacts)))
        for event in draw(lives(f"c{number}", setting))
    ]
    for number, choice in enumerate(draw(st.lists(NUMBERS, max_size=2))):
        found += _declared(number, Choices(choice))
    for number in range(draw(st.sampled_from((0, 0, 1, 2)))):
        # Rarely a subject that also is a contact: then it is a contact, and no shift.
        subject = Choices(draw(NUMBERS)).pick((*(f"s{number}",) * 5, f"c{number}"))
        found += draw(shifts(subject))
    return found


@st.composite
def deliveries(draw: st.DrawFn, events: list[Event]) -> list[bytes]:
    """The bytes as an at-least-once producer delivers them: repeats, any order."""
    raws = [encode(event) for event in events]
    raws += [raws[n % len(raws)] for n in draw(st.lists(st.integers(0, 99), max_size=4))]
    draw(st.randoms(use_true_random=False)).shuffle(raws)
    return raws
