"""The question to the published SQL for the contacts behind some figures, and for no others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from schemas.measures import Measure
from sinks.published import alone, quoted, text
from sinks.recount import Ask
from streams.core.figures import Group
from streams.recounting.recompute import Asked, ask_of


def each_behind(asked: Asked, wanted: Sequence[tuple[Measure, Group]], most: int) -> Ask:
    """What every contact contributes to some figures.

    Args:
        asked: what those figures answer.
        wanted: a measure and a group for each.
        most: of the contacts behind a figure, so many and one more are told.
    """
    groups: dict[str, list[Group]] = {}
    for measure, group in wanted:
        groups.setdefault(measure.id, []).append(group)
    measures = [*{measure.id: measure for measure, _ in wanted}.values()]
    spans = [*dict.fromkeys(group.span for _, group in wanted)]
    question = replace(asked.question, measures=measures, spans=spans)
    ask = ask_of(replace(asked, question=question), each=True)
    texts = {
        name: _narrowed(asked.texts.get(name) or text(f"measures/{name}"), found, most)
        for name, found in groups.items()
    }
    return msgspec.structs.replace(ask, texts=texts)


def _narrowed(statement: str, groups: Sequence[Group], most: int) -> str:
    """The SQL of a measure by contact, which is the last of `dims`, for some groups alone."""
    own = f"dims[:{len(groups[0].dims)}]"
    listed = ",\n    ".join(_row(group) for group in groups)
    return (
        f"SELECT found.* FROM (\n{alone(statement)}\n) AS found\n"
        f"SEMI JOIN (VALUES {listed}) AS wanted(since, place, named)\n"
        f"    ON period_start_ms = since AND zone = place AND {own} = named\n"
        "WHERE numerator <> 0 OR denominator <> 0\n"
        f"QUALIFY row_number() OVER (PARTITION BY period_start_ms, zone, {own}) <= {most + 1};"
    )


def _row(group: Group) -> str:
    dims = ", ".join("NULL" if value is None else quoted(value) for value in group.dims)
    return f"({group.span.start_ms}, {quoted(group.span.zone)}, [{dims}]::VARCHAR[])"
