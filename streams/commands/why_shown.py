"""Why a figure changed, for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import msgspec

from schemas.instants import instant
from schemas.measures import MEASURES, Kind, Measure
from schemas.measures.kinds import UNITS, quotient
from schemas.reference import Reference
from schemas.statuses import said
from streams.commands.why_between import Difference, Redefined, Side
from streams.commands.why_since import Since
from streams.core.basis import CHANGES
from streams.core.figures import Ratio
from streams.core.mix import FORMULA
from streams.core.why import CLOCK, DEFINITION, FACTS, LATE, RULES, Moved, Step

SHOWN = 20
_STEPS = {
    RULES: "rules: the facts of then by the program and tables of today",
    DEFINITION: "definition: version {then} to version {now}",
    LATE: "late data: what happened before then, and came after",
    FACTS: "rules or late data: which, cannot be told, since up to where events had been counted "
    "was not kept",
    CLOCK: "the clock: what happened or ended after then",
}


def since_as_table(changes: Sequence[Since]) -> str:
    """Each figure with its steps, and the contacts behind them."""
    return "\n\n".join("\n".join(_since(one)) for one in changes)


def _since(one: Since) -> Iterator[str]:
    kept = one.kept
    yield f"{one.figure} ({kept.zone})"
    yield f"was {_ratio(kept.ratio)} as of {instant(kept.as_of)}, {kept.source}"
    yield f"is  {_ratio(one.ratio)} as of {instant(one.basis.as_of)}"
    yield _different(one)
    for step in one.steps:
        yield ""
        words = _STEPS[step.name].format(then=kept.version, now=one.version)
        yield f"{_signed(step.numerator, step.denominator):>16}  {words}"
        yield from _contacts(step)
    if not one.agrees:
        yield "\nThe live state says otherwise than the evidence: vouch gate finds the contacts."


def _different(one: Since) -> str:
    if one.changes is None:
        return "what it rested on was not kept"
    events = sum(one.basis.positions) - sum(one.kept.basis.positions if one.kept.basis else ())
    names = [said(CHANGES[name], "en", n=events) for name in one.changes]
    return f"changed since then: {', '.join(names) or 'nothing'}"


def _contacts(step: Step) -> Iterator[str]:
    if step.contacts is None:
        if step.numerator or step.denominator:
            yield f"{'':>18}which contacts, cannot be told: what each contributed was not kept"
        return
    for moved in step.contacts[:SHOWN]:
        yield f"{'':>18}{_moved(moved)}"
    if len(step.contacts) > SHOWN:
        yield f"{'':>18}and {len(step.contacts) - SHOWN:,} more (--format json has all)"


def _moved(moved: Moved) -> str:
    before = "nothing" if moved.before is None else _ratio(moved.before)
    after = "nothing" if moved.after is None else _ratio(moved.after)
    return f"{moved.contact}: {before} to {after}"


def _ratio(ratio: Ratio) -> str:
    parts = [f"{n:,}" for n in ratio if n is not None]
    return " / ".join(parts) or "unknown"


def _signed(numerator: int, denominator: int | None) -> str:
    parts = [numerator] if denominator is None else [numerator, denominator]
    return " / ".join(f"{n:+,}" for n in parts)


def between_as_table(named: Reference, found: Sequence[Difference], mix: str) -> str:
    """Each zone's difference, part by part."""
    measure = MEASURES[named.measure]
    return "\n\n".join("\n".join(_between(named, measure, one, mix)) for one in found)


def _between(named: Reference, measure: Measure, one: Difference, mix: str) -> Iterator[str]:
    yield f"{named} ({one.zone})"
    yield f"now  {_side(one.now, measure)}"
    yield f"then {_side(one.then, measure)}"
    count, parts, unit = measure.kind is Kind.COUNT, one.parts, _unit(measure)
    yield ""
    yield _line("in the numerator", one.redefined, one.now.ratio, one.then.ratio)
    if one.redefined:
        yield f"{_number(Fraction(one.redefined.numerator)):>14}  definition"
    yield f"{_number(parts.volume):>14}  volume"
    if not count:
        yield f"{_number(parts.mix):>14}  mix: the shares of each {mix}"
        yield f"{_number(parts.within):>14}  within: the change of each {mix}"
        yield ""
        yield f"in {measure.unit} ({FORMULA})"
        if one.redefined:
            yield f"{_number(one.redefined.rate * unit):>14}  definition"
        yield f"{_number(parts.rate_mix * unit):>14}  mix"
        yield f"{_number(parts.rate_within * unit):>14}  within"
    yield ""
    for name, share in parts.groups.items():
        if not any((*(share.before or ()), *(share.after or ()))):
            continue
        was, now = (_ratio(ratio) if ratio else "nothing" for ratio in (share.before, share.after))
        added = share.volume if count else (share.mix + share.within) * unit
        yield f"{_number(added):>14}  {mix} {name or 'unknown'}: {was} to {now}"


def _line(words: str, redefined: Redefined | None, now: Ratio, then: Ratio) -> str:
    added = (now.numerator or 0) - (then.numerator or 0)
    more = " (the definition changed between them)" if redefined else ""
    return f"{added:+,} {words}{more}"


def _side(side: Side, measure: Measure) -> str:
    value = ""
    if side.ratio.denominator:
        value = str(
            quotient(measure.kind, measure.unit, side.ratio.numerator or 0, side.ratio.denominator)
        )
        value = f" = {value} {measure.unit}"
    return f"{side.start} to {side.end}, version {side.version}: {_ratio(side.ratio)}{value}"


def _unit(measure: Measure) -> Fraction:
    """What a numerator over a denominator is multiplied by for the measure's unit."""
    return Fraction(100) if measure.kind is Kind.RATIO else Fraction(1, UNITS.get(measure.unit, 1))


def _number(value: Fraction) -> str:
    """Rounded once, half up, to 3 decimals; whole numbers are written as such."""
    if value.denominator == 1:
        return f"{value.numerator:+,}"
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{exact.quantize(Decimal('0.001'), ROUND_HALF_UP):+,}"


def between_as_json(named: Reference, found: Sequence[Difference], mix: str) -> bytes:
    """All of it; fractions are exact, as text in the measure's unit: "-3/40"."""
    measure = MEASURES[named.measure]
    return msgspec.json.encode([_plain(str(named), measure, one, mix) for one in found])


def _plain(figure: str, measure: Measure, one: Difference, mix: str) -> dict[str, object]:
    unit, parts = _unit(measure), one.parts
    redefined = one.redefined
    plain: dict[str, object] = {
        "figure": figure,
        "zone": one.zone,
        "now": one.now,
        "then": one.then,
        "version": one.version,
        "redefined": redefined and {"before": redefined.before, "after": redefined.after},
        "numerator": {
            "definition": str(redefined.numerator if redefined else 0),
            "volume": str(parts.volume),
            "mix": str(parts.mix),
            "within": str(parts.within),
        },
        "unit": measure.unit,
        "by": mix,
    }
    if measure.kind is not Kind.COUNT:
        plain["formula"] = FORMULA
        plain["rate"] = {
            "definition": str((redefined.rate if redefined else 0) * unit),
            "mix": str(parts.rate_mix * unit),
            "within": str(parts.rate_within * unit),
        }
    plain["groups"] = [
        {
            mix: name,
            "then": share.before,
            "now": share.after,
            "volume": str(share.volume),
            "mix": str(share.mix * unit),
            "within": str(share.within * unit),
        }
        for name, share in parts.groups.items()
    ]
    return plain
