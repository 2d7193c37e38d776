"""Random contact lives: whole and broken, repeated, contradicted, late, and out of order.

Each event is drawn as one number that is taken apart into choices: ten times as fast as a
draw for each choice, and it still shrinks towards the first choice of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from schemas.event import Data, Event, encode, schema_id
from schemas.instants import HOUR, MINUTE, instant, millis
from schemas.vocabulary import LEAVINGS, PARTIES, TURN_AWAYS, VOCABULARY

#: Moments at which local time does something odd, and one at which it does not.
ODD_MOMENTS = tuple(
    millis(text)
    for text in (
        "2026-01-05T14:00:00.000Z",
        "2026-03-08T06:59:00.000Z",  # the clock goes forward in Toronto, one minute later
        "2026-11-01T05:59:00.000Z",  # and back
        "2026-02-01T04:59:30.000Z",  # midnight in Toronto, and a month's end
        "2026-04-01T03:59:59.000Z",  # a fiscal year's edge
    )
)
STEPS = (
    *(0, 0, 1, 999, 1_000, 9_999, 10_000, 20_000, 20_001, 60_000, 5 * MINUTE, 16 * MINUTE),
    *(40 * MINUTE, 3 * HOUR, 12 * HOUR, 12 * HOUR + 1, 30 * HOUR),
)
QUEUES = ("q1", "q2", None)
DEPARTMENTS = ("ircc", "vac", "bank")
KINDS = (*(name for name in VOCABULARY if name != "control.total_declared"), "something.else")

#: Lives that make sense, so that deep places of the funnel are reached often.
LIVES = tuple(
    life.split()
    for life in (
        "contact.arrived ivr.entered ivr.self_served ivr.left contact.ended",
        "contact.arrived ivr.entered contact.ended",
        "contact.arrived contact.turned_away contact.ended",
        "contact.arrived ivr.entered ivr.left agent.requested contact.turned_away",
        "contact.arrived agent.requested queue.entered queue.left contact.ended",
        "contact.arrived queue.entered queue.left agent.connected hold.started hold.ended "
        "contact.ended wrapup.started wrapup.ended",
        "contact.arrived queue.entered queue.left queue.entered queue.left agent.connected "
        "transfer.completed queue.entered agent.connected contact.ended",
        "contact.arrived queue.entered callback.offered callback.accepted queue.left "
        "contact.ended callback.attempted callback.attempted callback.connected contact.ended",
        "contact.arrived queue.entered callback.offered callback.accepted callback.cancelled",
        "contact.arrived queue.entered callback.offered callback.accepted contact.ended",
    )
)
NUMBERS = st.integers(0, 2**48)
T = TypeVar("T")


class Choices:
    """A number taken apart into choices."""

    def __init__(self, number: int) -> None:
        self.number = number

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        self.number, index = divmod(self.number, len(options))
        return options[index]


def _data(kind: str, choices: Choices, at: int) -> Data:  # noqa: PLR0911  # a table
    pick = choices.pick
    if kind == "contact.arrived":
        return Data(
            department=pick(DEPARTMENTS),
            channel=pick(("phone", "phone", "phone", "email")),
            language=pick(("en", "fr", None)),
        )
    if kind == "contact.turned_away":
        return Data(reason=pick(TURN_AWAYS), queue=pick(QUEUES))
    if kind == "queue.left":
        return Data(how=pick(LEAVINGS), queue=pick(QUEUES))
    if kind in {"queue.entered", "agent.connected", "agent.requested"}:
        return Data(queue=pick(QUEUES), agent="a1")
    if kind in {"contact.ended", "callback.cancelled"}:
        return Data(by=pick(PARTIES))
    if kind == "callback.accepted" and pick((True, False)):
        start = at + pick(STEPS)
        return Data(promise_from=instant(start), promise_until=instant(start + pick(STEPS)))
    return Data()


def _event(contact: str, kind: str, at: int, number: int, choices: Choices) -> Event:
    return Event(
        time=instant(at),
        source=choices.pick(("acd/1", "acd/2")),
        sequence=choices.pick(("", f"{number:04d}")),
        id=choices.pick((f"{contact}-{number}", f"{contact}-{number}", f"{contact}-{number // 4}")),
        type=kind,
        subject=contact,
        dataschema=schema_id(kind, 2 if kind == "callback.accepted" else 1),
        data=_data(kind, choices, at),
    )


@st.composite
def lives(draw: st.DrawFn, contact: str) -> list[Event]:
    """The events of one contact in the order of their times: any of them may be missing."""
    shape = Choices(draw(NUMBERS))
    kinds = shape.pick((*LIVES, None))
    if kinds is None:
        kinds = [Choices(n).pick(KINDS) for n in draw(st.lists(NUMBERS, min_size=1, max_size=9))]
    at = shape.pick(ODD_MOMENTS) + shape.pick(STEPS)
    missing = shape.pick(range(24))
    events = []
    for number, kind in enumerate(kinds):
        choices = Choices(draw(NUMBERS))
        at += choices.pick(STEPS) if number else 0
        if number != missing or len(kinds) == 1:
            events.append(_event(contact, kind, at, number, choices))
    return events


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
                queue=choices.pick(QUEUES),
            ),
        )
        for version in range(choices.pick((1, 2)))
    ]


@st.composite
def worlds(draw: st.DrawFn, contacts: int = 4) -> list[Event]:
    """The events of several contacts, and of a declaration or two."""
    found = [e for n in range(draw(st.integers(1, contacts))) for e in draw(lives(f"c{n}"))]
    for number, choice in enumerate(draw(st.lists(NUMBERS, max_size=2))):
        found += _declared(number, Choices(choice))
    return found


@st.composite
def deliveries(draw: st.DrawFn, events: list[Event]) -> list[bytes]:
    """The bytes as an at-least-once producer delivers them: repeats, any order."""
    raws = [encode(event) for event in events]
    raws += [raws[n % len(raws)] for n in draw(st.lists(st.integers(0, 99), max_size=4))]
    draw(st.randoms(use_true_random=False)).shuffle(raws)
    return raws
