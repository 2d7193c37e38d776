"""What must not be shown alone is shown with its companions, however it was asked for."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

import pytest

from schemas.measures import MEASURES
from streams.commands.measures import arguments
from streams.commands.questions import request_of

ANSWER = ("answer.rate", "answer.live_rate", "answer.callback_rate", "access.rate")


def asked(*words: str) -> tuple[str, ...]:
    parser = ArgumentParser()
    parser.set_defaults(data=Path("nowhere"))
    arguments(parser)
    period = ("--from", "2026-01-05", "--to", "2026-01-06")
    return request_of(parser.parse_args([*period, *words])).measures


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ("answer.rate", ANSWER),
        ("access.rate", ("access.rate", *ANSWER[:3])),  # and what the answer rate has beside it
        ("access.rate,answer.rate", ("access.rate", *ANSWER[:3])),
        ("funnel.arrived", ("funnel.arrived",)),
        ("email.delay_mean", ("email.delay_mean", "email.open", "email.lower_bound_mean")),
        (
            "fidelity.within_2",
            (
                "fidelity.within_2",
                "fidelity.within_2.all",
                "fidelity.connected_within_2",
                "fidelity.connected_within_2.all",
            ),
        ),
    ],
)
def test_a_measure_comes_with_what_must_stand_beside_it(names: str, shown: tuple[str, ...]) -> None:
    assert asked("--measure", names) == shown


def test_without_a_choice_all_are_shown() -> None:
    assert (asked() or tuple(MEASURES)) == tuple(MEASURES)
