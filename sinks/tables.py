"""Figures as a table, CSV, JSON or Parquet: the same numbers in every form."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

import msgspec

from schemas.board import Figure
from schemas.measures import MEASURES

_FIXED = ("measure", "version", "status", "as_of", "start", "end", "zone")
_NUMBERS = ("numerator", "denominator", "value", "unit", "open", "why")
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
    whole = {name: pa.int64() for name in ("version", "numerator", "denominator", "open")}
    names = list(rows[0]) if rows else [*_FIXED, *_NUMBERS]
    schema = pa.schema([(name, whole.get(name, pa.string())) for name in names])
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
        "compared_value": other.value,
        "difference": other.difference,
        "not_compared": other.reason,
    }


def _block(figures: Sequence[Figure], attribution: str) -> str:
    first = figures[0]
    place = ", ".join(f"{name} {value or 'unknown'}" for name, value in first.dimensions.items())
    head = f"{first.period.start} to {first.period.end} ({first.period.zone})"
    lines = [
        f"{head}{f' · {place}' if place else ''}",
        f"by {attribution} · as of {first.as_of}",
        *_standings(figures),
    ]
    width = max(len(figure.measure) for figure in figures)
    lines += [f"  {figure.measure:<{width}}  {_said(figure)}" for figure in figures]
    return "\n".join(lines)


def _standings(figures: Sequence[Figure]) -> list[str]:
    """How certain the figures of a block are: each standing once, with the first measures."""
    found: dict[tuple[str, str], list[str]] = {}
    for figure in figures:
        found.setdefault((figure.status, figure.why), []).append(figure.measure)
    return [
        f"{status}{f' ({why})' if why else ''}"
        + ("" if len(found) == 1 else f": {', '.join(names[:2])}{' …' if len(names) > 2 else ''}")
        for (status, why), names in found.items()
    ]


def _said(figure: Figure) -> str:
    if figure.value is None:
        return f"{'unknown':>12}"
    value = f"{figure.value:,}" if isinstance(figure.value, int) else figure.value
    parts = f"{figure.numerator:,} / {figure.denominator:,}" if _divided(figure) else ""
    return f"{value:>12} {figure.unit:<8} {parts}{_beside(figure)}".rstrip()


def _beside(figure: Figure) -> str:
    """What the figure is compared with, in a few words."""
    other = figure.compared
    if other is None:
        return ""
    if other.value is None or other.difference is None:
        return f"  ({other.reason or 'unknown then'})"
    sign = "" if str(other.difference).startswith("-") else "+"
    return f"  (was {other.value}, {sign}{other.difference})"


def _divided(figure: Figure) -> bool:
    kind = MEASURES[figure.measure].kind
    return kind in {"ratio", "mean"} and figure.denominator is not None
