"""A trace as text of 120 columns, or its contacts as lines of a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

import msgspec

from streams.commands.sample_shown import broken, files, tails, wrapped
from streams.tracing.forms import Figure
from streams.tracing.from_contact import ContactTrace
from streams.tracing.from_figure import Behind, FigureTrace

_ARCHIVE = "archive: log, partition, first offset not archived, newest commit, SHA-256 of its entry"


def figure_as_table(trace: FigureTrace) -> str:
    """For eyes."""
    return "\n".join(_figure(trace)) + "\n"


def contact_as_table(trace: ContactTrace) -> str:
    """For eyes."""
    return "\n".join(_contact(trace)) + "\n"


def contacts_as_csv(trace: FigureTrace) -> str:
    """A line for each contact behind a figure; RFC 4180."""
    text = io.StringIO()
    writer = csv.DictWriter(text, Behind.__struct_fields__)
    writer.writeheader()
    writer.writerows(msgspec.structs.asdict(one) for one in trace.behind or ())
    return text.getvalue()


def _figure(trace: FigureTrace) -> Iterator[str]:
    figure, commits = trace.figure, trace.commits
    yield figure.reference
    yield from wrapped(f"{figure.name}. {figure.text}")
    yield f"{figure.start} to {figure.end} ({figure.zone}), as of {figure.as_of}"
    yield f"{_value(figure)}, by the published SQL; its contacts add up to it"
    yield (
        f"{trace.contacts:,} contacts: {trace.in_numerator:,} in the numerator"
        + (f", {trace.in_denominator:,} in the denominator" if trace.in_denominator else "")
        + f"; {trace.events:,} events of theirs, as often as delivered"
    )
    yield ""
    yield f"{len(commits):,} commits hold them: partition, commit, events of these contacts, file"
    named = files((commit.file, commit.file_sha256) for commit in commits)
    for commit in commits:
        name, _ = named[commit.file]
        yield f"  P{commit.partition:02d} {commit.commit:>8} {commit.rows:>10,}  {name}"
    yield from ("", "files, in the archive's folder, with the SHA-256 of each")
    yield from _files(named)
    yield from ("", _ARCHIVE, *tails(trace.archive))
    if trace.behind is not None:
        yield from ("", "contacts, what became of them, and what they contribute")
        yield from (_behind(one) for one in trace.behind)


def _behind(one: Behind) -> str:
    return f"  {one.contact:<40} {one.outcome or '-':<22} {_ratio(one.numerator, one.denominator)}"


def _value(figure: Figure) -> str:
    value = "unknown" if figure.value is None else f"{figure.value} {figure.unit}"
    if figure.denominator is None:
        return value
    return f"{_ratio(figure.numerator, figure.denominator)} = {value}"


def _contact(trace: ContactTrace) -> Iterator[str]:
    what = f", {trace.outcome}" if trace.outcome else ""
    yield f"{trace.contact}: a {trace.kind}{what}, as of {trace.as_of}"
    yield from (
        "",
        "events: partition, offset, commit, file; when it happened, when it was taken in",
    )
    named = files((event.file, event.file_sha256) for event in trace.events)
    for event in trace.events:
        name, _ = named[event.file]
        reading = "" if event.reading == "counted" else f"  ({event.reading})"
        yield (
            f"  P{event.partition:02d} {event.offset:>10} {event.commit:>6} {name:<4} "
            f"{event.time}  {event.intake}  {event.type}{reading}"
        )
        yield f"      {event.sha256}"
    yield from ("", "files, in the archive's folder, with the SHA-256 of each", *_files(named))
    yield from ("", f"part of {len(trace.figures)} figures, and what it contributes")
    width = max((len(part.reference) for part in trace.figures), default=0)
    for part in trace.figures:
        yield f"  {part.reference:<{width}}  {_ratio(part.numerator, part.denominator)}"
    if trace.left_out:
        yield from wrapped(
            f"Not looked at: {len(trace.left_out)} measures that rest on other contacts "
            "(fidelity of callbacks, repeat contacts). --across reads the whole archive for them."
        )
    if trace.recorded:
        yield from ("", "recorded figures that it is part of: as recorded, and what it contributes")
    for one in trace.recorded:
        by = "" if one.attribution == "cohort" else f" by {one.attribution}"
        reason = f": {one.reason}" if one.reason else ""
        yield (
            f"  {one.reference}{by}  {_ratio(one.numerator, one.denominator)}  "
            f"({_ratio(*one.contributes)})  {one.kind}, as of {one.as_of}{reason}"
        )
    if trace.gated:
        yield from ("", "reports of the gate that it is in")
    for report in trace.gated:
        yield f"  {report.file}: {report.verdict}, {report.figures} figures it is part of"
        yield from (f"    differs: {reference}" for reference in report.differ)


def _files(named: dict[str, tuple[str, str]]) -> Iterable[str]:
    for file, (name, digest) in named.items():
        yield f"  {name:<5} {digest}"
        yield from (f"        {part}" for part in broken(file))


def _ratio(numerator: int | None, denominator: int | None) -> str:
    parts = ["unknown" if numerator is None else f"{numerator:,}"]
    return " / ".join(parts + ([] if denominator is None else [f"{denominator:,}"]))
