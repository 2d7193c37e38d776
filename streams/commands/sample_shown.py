"""A working paper as text of 120 columns, or as a line for each event."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from textwrap import wrap

import msgspec

from schemas.measures import MEASURES, Kind
from streams.commands.sample_words import say
from streams.gateway.typography import Language, number, percent
from streams.tracing.archive import End
from streams.tracing.forms import Drawn, Event, Figure, Paper

WIDTH = 118
_BLANK = "." * 12


def as_table(paper: Paper, language: Language) -> str:
    """For eyes, and for a printer."""
    return "\n".join(_Shown(paper, language).lines()) + "\n"


def as_csv(paper: Paper) -> str:
    """A line for each event, with what is known of its contact; RFC 4180."""
    text = io.StringIO()
    names = ("reference", "contact", *paper.by, "numerator", "denominator", "caller")
    fields = ("agrees", "remarks")
    writer = csv.DictWriter(text, [*names, *Event.__struct_fields__, *fields])
    writer.writeheader()
    for drawn in paper.sample:
        known = {
            "reference": paper.figure.reference,
            "contact": drawn.contact,
            **dict(zip(paper.by, drawn.stratum, strict=True)),
            "numerator": drawn.numerator,
            "denominator": drawn.denominator,
            "caller": drawn.caller,
        }
        writer.writerows({**known, **msgspec.structs.asdict(event)} for event in drawn.events)
    return text.getvalue()


class _Shown:
    def __init__(self, paper: Paper, language: Language) -> None:
        self._paper, self._language = paper, language
        events = (event for drawn in paper.sample for event in drawn.events)
        self._files = files((event.file, event.file_sha256) for event in events)

    def lines(self) -> Iterator[str]:
        paper = self._paper
        yield self._say("title", reference=paper.figure.reference)
        yield ""
        yield from self._figure(paper.figure)
        yield from ("", self._say("how"))
        yield from self._method()
        yield from ("", self._say("strata_title"))
        yield from self._strata()
        yield ""
        yield self._say(
            "sample", drawn=self._n(len(paper.sample)), contacts=self._n(paper.contacts)
        )
        yield from wrapped(self._say("columns"))
        for place, drawn in enumerate(paper.sample, 1):
            yield ""
            yield from self._drawn(place, drawn)
        yield from ("", self._say("files"))
        for file, (name, digest) in self._files.items():
            yield f"  {name:<5} {digest}"
            yield from (f"        {part}" for part in broken(file))
        yield ""
        yield from wrapped(self._say("archive"))
        yield from tails(paper.archive)

    def _figure(self, figure: Figure) -> Iterator[str]:
        yield from wrapped(f"{figure.name}. {figure.text}")
        if figure.exclusions:
            yield from wrapped(self._say("excluded", text=figure.exclusions))
        yield from wrapped(self._say("formula", formula=figure.formula))
        yield from wrapped(self._say("period", **msgspec.structs.asdict(figure)))
        yield from wrapped(
            self._say(
                "percentile" if _kind(figure) is Kind.PERCENTILE else "value",
                parts=self._parts(figure),
                denominator=self._n(figure.denominator),
                value=self._value(figure),
                contacts=self._n(self._paper.contacts),
            )
        )

    def _parts(self, figure: Figure) -> str:
        """What is divided, where anything is."""
        if figure.denominator is None:
            return ""
        return f"{self._n(figure.numerator)} / {self._n(figure.denominator)} = "

    def _value(self, figure: Figure) -> str:
        if figure.value is None:
            return self._say("unknown")
        if figure.unit == "%":
            return percent(figure.value, self._language)
        return f"{number(figure.value, self._language)} {figure.unit}"

    def _method(self) -> Iterator[str]:
        paper = self._paper
        yield from wrapped(self._say("strata", by=", ".join(paper.by)))
        yield from wrapped(self._say("shares", n=self._n(paper.n)))
        yield from wrapped(self._say("lots"))
        if paper.sample:
            yield f"   printf '%s' {quoted(f'{paper.seed}:{paper.sample[0].contact}')} | sha256sum"
        yield from wrapped(self._say("nested"))

    def _strata(self) -> Iterator[str]:
        layers = self._paper.strata
        shown = [[*one.values, self._n(one.contacts), self._n(one.drawn)] for one in layers]
        heads = [*self._paper.by, self._say("contacts"), self._say("drawn")]
        widths = [max(map(len, column)) for column in zip(heads, *shown, strict=True)]
        for row in (heads, *shown):
            texts = zip(row[:-2], widths, strict=False)
            left = "  ".join(f"{cell or '-':<{width}}" for cell, width in texts)
            yield f"  {left}  {row[-2]:>{widths[-2]}}  {row[-1]:>{widths[-1]}}"

    def _drawn(self, place: int, drawn: Drawn) -> Iterator[str]:
        known = [value or "-" for value in drawn.stratum]
        known += [self._say("caller", caller=drawn.caller)] if drawn.caller else []
        parts = " / ".join(
            self._n(n) for n in (drawn.numerator, drawn.denominator) if n is not None
        )
        blank = f"{self._say('agrees')} {_BLANK}  {self._say('remarks')} {_BLANK * 3}"
        yield f"{place}. {drawn.contact}  ({', '.join(known)})"
        yield f"   {self._say('contributes', parts=parts):<40} {blank}"
        for event in drawn.events:
            yield from self._event(event)

    def _event(self, event: Event) -> Iterator[str]:
        name, _ = self._files[event.file]
        reading = "" if event.reading == "counted" else f"  ({self._say(event.reading)})"
        yield (
            f"   P{event.partition:02d} {event.offset:>10} {event.commit:>6} {name:<4} "
            f"{event.time}  {event.intake}  {event.type}{reading}"
        )
        yield f"       {event.sha256}"

    def _n(self, value: int | None) -> str:
        return self._say("unknown") if value is None else number(value, self._language)

    def _say(self, key: str, **facts: object) -> str:
        return say(self._language, key, **facts)


def _kind(figure: Figure) -> Kind:
    return MEASURES[figure.reference.partition("@")[0]].kind


def files(found: Iterable[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Short names for files, in order, each with the file's hash."""
    return {file: (f"F{n}", digest) for n, (file, digest) in enumerate(sorted({*found}), 1)}


def tails(archive: Iterable[End]) -> Iterator[str]:
    """How far the chains of an archive were, log by log."""
    for log_id, ends in groupby(archive, attrgetter("log_id")):
        yield f"  {log_id}"
        yield from (f"    P{e.partition:02d} {e.next:>14} {e.commit:>8}  {e.sha256}" for e in ends)


def broken(path: str) -> list[str]:
    """A path, in two lines where it is long."""
    folder, topic, rest = path.partition("/partition=")
    return [path] if len(path) < WIDTH - 10 else [f"{folder}/", f"{topic[1:]}{rest}"]


def quoted(text: str) -> str:
    """A text as one word of a shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def wrapped(text: str) -> list[str]:
    """A text in lines; no word is cut."""
    return wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
