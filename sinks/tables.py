"""Figures as a table, CSV, JSON or Parquet: the same numbers in every form."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from string import ascii_letters

import msgspec

from schemas.board import Figure, Period
from schemas.measures import MEASURES

_FIXED = ("measure", "version", "status", "as_of", "start", "end", "zone")
_FLAGS = ("in_force", "breaks")
_NUMBERS = ("numerator", "denominator", "value", "unit", "open", "why", *_FLAGS)
_WHOLE = (
    *("version", "numerator", "denominator", "open"),
    *("compared_numerator", "compared_denominator"),
)
_MIXED = ("value", "compared_value", "difference")  # integers and exact decimals


def as_json(figures: Sequence[Figure], attribution: str) -> bytes:
    """A list of objects; figures by interval say so, cohorts are the rule."""
    plain = msgspec.to_builtins(figures)
    if attribution != "cohort":
        plain = [{**row, "attribution": attribution} for row in plain]
    return msgspec.json.format(msgspec.json.encode(plain), indent=2) + b"\n"


def as_csv(figures: Sequence[Figure], attribution: str) -> bytes:
    """RFC 4180, UTF-8; an unknown value is an empty field."""
    text = io.StringIO()
    rows = _rows(figures, attribution)
    writer = csv.DictWriter(text, list(rows[0]) if rows else [*_FIXED, *_NUMBERS])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_parquet(figures: Sequence[Figure], attribution: str) -> bytes:
    """One row a figure; values as text, exact."""
    import pyarrow as pa  # noqa: PLC0415  # slow to load, and rarely asked for
    import pyarrow.parquet as pq  # noqa: PLC0415

    rows = [
        {
            name: str(cell) if name in _MIXED and cell is not None else cell
            for name, cell in row.items()
        }
        for row in _rows(figures, attribution)
    ]
    kinds = {**dict.fromkeys(_WHOLE, pa.int64()), **dict.fromkeys(_FLAGS, pa.bool_())}
    names = list(rows[0]) if rows else [*_FIXED, *_NUMBERS]
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names])
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema), out)
    return out.getvalue()


def as_table(figures: Sequence[Figure], attribution: str) -> bytes:
    """For a terminal: a block for each period and group, a line for each measure."""
    blocks: dict[tuple[object, ...], list[Figure]] = {}
    for figure in figures:
        blocks.setdefault((figure.period, *figure.dimensions.items()), []).append(figure)
    parts = [_block(found, attribution) for found in blocks.values()]
    return ("\n\n".join(parts) + "\n" if parts else "Nothing was counted yet.\n").encode()


FORMATS: dict[str, Callable[[Sequence[Figure], str], bytes]] = {
    "table": as_table,
    "csv": as_csv,
    "json": as_json,
    "parquet": as_parquet,
}


def _rows(figures: Sequence[Figure], attribution: str) -> list[dict[str, object]]:
    how = {} if attribution == "cohort" else {"attribution": attribution}
    return [
        {
            "measure": figure.measure,
            "version": figure.version,
            "status": figure.status,
            "as_of": figure.as_of,
            "start": figure.period.start,
            "end": figure.period.end,
            "zone": figure.period.zone,
            **how,
            **figure.dimensions,
            "numerator": figure.numerator,
            "denominator": figure.denominator,
            "value": figure.value,
            "unit": figure.unit,
            "open": figure.open,
            "why": figure.why,
            "in_force": figure.in_force,
            "breaks": figure.breaks,
            **_compared(figure),
        }
        for figure in figures
    ]


def _compared(figure: Figure) -> dict[str, object]:
    other = figure.compared
    if other is None:
        return {}
    return {
        "compared_start": other.period.start,
        "compared_end": other.period.end,
        "compared_numerator": other.numerator,
        "compared_denominator": other.denominator,
        "compared_value": other.value,
        "difference": other.difference,
        "not_compared": other.reason,
    }


def _block(figures: Sequence[Figure], attribution: str) -> str:
    """A head, how certain its figures are, and a line for each, with the mark of its standing."""
    first, marks = figures[0], _marks(figures)
    place = ", ".join(f"{name} {value or 'unknown'}" for name, value in first.dimensions.items())
    width = max(len(figure.measure) for figure in figures)
    return "\n".join(
        [
            _period(first.period) + (f" · {place}" if place else ""),
            f"by {attribution} · as of {first.as_of}",
            *_compared_with(figures),
            *(f"{mark}: {words}" if mark else words for words, mark in marks.items()),
            *(f"{marks[_standing(f)]:<2}{f.measure:<{width}}  {_said(f)}" for f in figures),
        ]
    )


def _marks(figures: Sequence[Figure]) -> dict[str, str]:
    """A letter for each standing in a block; none where all have the same."""
    found = list(dict.fromkeys(map(_standing, figures)))
    if len(found) == 1:
        return {found[0]: ""}
    return {words: ascii_letters[n % len(ascii_letters)] for n, words in enumerate(found)}


def _standing(figure: Figure) -> str:
    return f"{figure.status}: {figure.why}" if figure.why else figure.status


def _period(period: Period) -> str:
    return f"{period.start} to {period.end} ({period.zone})"


def _compared_with(figures: Sequence[Figure]) -> list[str]:
    """The periods that the figures of a block are compared with: as a rule, one."""
    others = [figure.compared.period for figure in figures if figure.compared]
    return [f"compared with {_period(period)}" for period in dict.fromkeys(others)]


def _said(figure: Figure) -> str:
    remarks = _beside(figure) + _version(figure)
    if figure.value is None:
        return f"{'unknown':>12}{remarks}"
    parts = f"{figure.numerator:,} / {figure.denominator:,}" if _divided(figure) else ""
    return f"{_number(figure.value):>12} {figure.unit:<8} {parts}{remarks}".rstrip()


def _beside(figure: Figure) -> str:
    """What the figure is compared with, in a few words."""
    other = figure.compared
    if other is None:
        return ""
    if other.difference is None:
        return f"  ({other.reason})"
    sign = "" if str(other.difference).startswith("-") else "+"
    return f"  (was {_number(other.value)}, {sign}{_number(other.difference)})"


def _version(figure: Figure) -> str:
    """What is to be known of the version of the figure; of most, nothing."""
    words = [] if figure.in_force else ["not in force"]
    words += ["breaks the series"] if figure.breaks else []
    return f"  (version {figure.version}: {', '.join(words)})" if words else ""


def _number(value: int | str | None) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _divided(figure: Figure) -> bool:
    kind = MEASURES[figure.measure].kind
    return kind in {"ratio", "mean"} and figure.denominator is not None
