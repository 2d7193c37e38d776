"""What figures rest on now: the facts that were counted, the definitions and the tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec

from schemas.board import Figure
from schemas.calendars import book
from schemas.definitions import Definitions, Edition
from schemas.hours import table
from schemas.measures import TERMS, combination
from sinks.published import text
from streams.core.basis import Basis
from streams.home import rule_files
from streams.tables import standards

_TERMS = {term.id: term for term in TERMS}
#: Packaged tables that have a digest of their own, or move no figure.
_TABLES = {f"{name}.toml" for name in ("calendars", "hours", "holidays", "definitions")}
_TABLES |= {"standards.toml", "annotations.toml"}


def basis_of(
    data: Path, definitions: Definitions, log: str, positions: list[int], as_of: int
) -> Callable[[Figure], Basis]:
    """What a figure rests on that was asked of a folder at one moment.

    Args:
        data: the folder.
        definitions: the versions that there are.
        log: the log's id.
        positions: per partition, up to where its events were counted.
        as_of: in milliseconds.
    """

    @cache
    def tables() -> dict[str, str]:
        return {
            "calendars": digest({name: row.digest() for name, row in book().calendars.items()}),
            "hours": digest(table()),
            "standards": digest(standards.in_force(data)),
        }

    @cache
    def of_version(measure: str, number: int) -> str:
        return definition_digest(definitions.edition(measure, number))

    def basis(figure: Figure) -> Basis:
        return Basis(
            log=log,
            positions=positions,
            as_of=as_of,
            definition=of_version(figure.measure, figure.version),
            rules=program(),
            **tables(),
        )

    return basis


@cache
def program() -> str:
    """A name for the program that counts, whatever the tables beside it that have digests."""
    found = sha256()
    for path in rule_files():
        if path.name not in _TABLES:
            found.update(path.read_bytes())
    return found.hexdigest()[:12]


def definition_digest(edition: Edition) -> str:
    """SHA-256 of what decides a figure: kind, formula, terms, SQL; not of words."""
    row = edition.measure
    named = combination(f"{row.numerator} + {row.denominator}")
    terms = [_TERMS[name] for name in sorted({name for _, name in named} & _TERMS.keys())]
    sql = edition.sql or text(f"measures/{row.id}")
    return digest([row.kind, row.numerator, row.denominator, row.rank, row.unit, terms, sql])


def digest(value: object) -> str:
    """SHA-256 of the JSON of a value with sorted keys, in hexadecimal."""
    return sha256(msgspec.json.encode(value, order="sorted")).hexdigest()
