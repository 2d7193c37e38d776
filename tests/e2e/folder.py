"""A data folder that is told facts by hand and asked by commands; event time is its clock."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from schemas.event import Data, Event, encode, schema_id
from schemas.instants import HOUR, instant, millis
from schemas.vocabulary import VOCABULARY
from streams.cli import main
from streams.gateway.typography import FINE, FIXED
from streams.home import Home
from tests.runtimes.support import bring

IRCC = {"department": "ircc", "channel": "phone", "language": "en"}


class Said(NamedTuple):
    """What a command said; no-break spaces are spaces."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Folder:
    """A data folder, and the eyes of whoever uses it."""

    path: Path
    capture: pytest.CaptureFixture[bytes]

    def tell(self, *facts: bytes | Iterable[bytes]) -> None:
        """Append facts to the log."""
        values = [v for fact in facts for v in ([fact] if isinstance(fact, bytes) else fact)]
        with closing(Home(self.path).log()) as log:
            bring(log, values)

    def raw(self, *words: str) -> bytes:
        """The output of a command that must succeed."""
        self.capture.readouterr()
        assert main((*words, "--data", str(self.path))) == 0, self.capture.readouterr().err
        return self.capture.readouterr().out

    def run(self, *words: str) -> Said:
        """A command as a user sees it."""
        self.capture.readouterr()
        try:
            status = main((*words, "--data", str(self.path)))
        except SystemExit as stopped:
            status = int(str(stopped.code))
        out, err = (text.decode() for text in self.capture.readouterr())
        plain = (text.replace(FIXED, " ").replace(FINE, " ") for text in (out, err))
        return Said(status, *plain)

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """The JSON of a command that must succeed."""
        found: list[dict[str, Any]] = msgspec.json.decode(self.raw(*words, "--format", "json"))
        return found


def fact(
    at: str, kind: str, subject: str, *, source: str = "acd", sequence: str = "", **data: Any
) -> bytes:
    """One event; `at` is a minute of UTC, such as 2026-01-05T14:00."""
    return encode(
        Event(
            time=f"{at}:00.000Z",
            source=source,
            sequence=sequence,
            id=f"{kind}@{at}/{subject}",
            type=kind,
            subject=subject,
            dataschema=schema_id(kind, VOCABULARY[kind].version),
            data=Data(**data),
        )
    )


def later(at: str, minutes: int) -> str:
    """A minute so many minutes after another."""
    return instant(millis(f"{at}:00.000Z") + minutes * HOUR // 60)[:16]


def call(at: str, subject: str, waited: int | None = 5, **data: str) -> list[bytes]:
    """A call in a queue, answered after some minutes and ended five minutes later; or waiting."""
    told = [
        fact(at, "contact.arrived", subject, **{**IRCC, **data}),
        fact(at, "queue.entered", subject, queue="q"),
    ]
    if waited is None:
        return told
    answered = later(at, waited)
    return [
        *told,
        fact(answered, "agent.connected", subject),
        fact(later(answered, 5), "contact.ended", subject, by="customer"),
    ]


def declared(
    at: str, of: str, count: int, since: str, until: str, authority: str = "switch", **data: str
) -> bytes:
    """A total that somebody declared; again for the same interval, the later one holds."""
    facts = {"attribution": "cohort", "department": "ircc", **data}
    name = "/".join((of, since, until, authority, *facts.values()))
    bounds = {"period_start": f"{since}:00.000Z", "period_end": f"{until}:00.000Z"}
    return fact(
        at,
        "control.total_declared",
        name,
        of=of,
        count=count,
        authority=authority,
        **facts,
        **bounds,
    )


def clock(at: str) -> bytes:
    """Something happens elsewhere, so that it is that time."""
    return fact(at, "contact.arrived", f"clock-{at}", department="vac", channel="email")
