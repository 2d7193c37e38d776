"""Declared totals beside ours: the same interval, attribution, dimensions and thing."""

from __future__ import annotations

from schemas.instants import HOUR, QUARTER_HOUR
from schemas.record import DIMENSIONS, Declaration
from streams.core.figures import Counted
from streams.core.reconcile import reconcile
from streams.core.registers import Dims, Register


def _dims(**known: str) -> Dims:
    return tuple(known.get(name) for name in DIMENSIONS)


def _declared(of: str = "arrived", attribution: str = "cohort", **dims: str) -> Declaration:
    return Declaration(
        subject=f"{of}-{attribution}-{sorted(dims)}",
        of=of,
        count=10,
        start_ms=0,
        end_ms=HOUR,
        attribution=attribution,
        authority="switch",
        **dims,
    )


def _counted(kind: str) -> Counted:
    vac, ircc = _dims(department="vac", channel="phone"), _dims(department="ircc")
    return {
        "contacts.cohort": [
            (0, vac, Register({"arrived": 4, "answered": 3})),
            (QUARTER_HOUR, ircc, Register({"arrived": 5, "answered": 1})),
            (HOUR, vac, Register({"arrived": 100})),
        ],
        "contacts.interval": [(0, vac, Register({"answered": 2}))],
        "messages.cohort": [(0, _dims(channel="email"), Register({"message.received": 6}))],
    }[kind]


def _remainders(*declared: Declaration) -> list[int]:
    return [line.remainder for line in reconcile(declared, _counted)]


def test_like_with_like() -> None:
    assert _remainders(_declared()) == [1]
    assert _remainders(_declared(department="vac")) == [6]
    assert _remainders(_declared(department="ircc", channel="phone")) == [5]
    assert _remainders(_declared("answered")) == [6]
    assert _remainders(_declared("answered", "interval")) == [8]
    assert _remainders(_declared("received")) == [4]
    assert _remainders(_declared("received", channel="phone")) == [10]


def test_what_we_do_not_count_is_left_out() -> None:
    assert _remainders(_declared("parcels"), _declared()) == [1]
