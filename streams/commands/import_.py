"""Bring in facts from files: a telephone system's log, or JSON lines of CloudEvents.

Importing a file twice, shuffled, or in pieces the wrong way round changes no figure. What
cannot be understood is kept as a dead letter; every line is accounted for.
"""

from __future__ import annotations

import secrets
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from schemas.errors import DeadLetter, Stop
from schemas.topics import DEAD_LETTERS, EVENTS
from streams.clock import now_ms
from streams.commands.intake import Intake, archiving, finish
from streams.commands.options import zone
from streams.commands.progress import bar
from streams.embedded import Embedded
from streams.gateway.intake import Bad
from streams.keepsake import made_once
from streams.sources import SOURCES, source
from streams.sources.files import lines_of
from streams.sources.port import Rejected, Settings, Source, Tally


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("source", choices=sorted(SOURCES), help="what kind of file")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="plain or gzip")
    parser.add_argument("--zone", type=zone, help="time zone of local times in the file")


def run(args: Namespace) -> int:
    """Import, archive, count, and say what became of every line."""
    missing = [str(path) for path in args.files if not path.is_file()]
    if missing:
        msg = f"not a file: {', '.join(missing)}"
        raise DeadLetter(msg)
    home, tally = Embedded(args.data), Tally()
    settings = Settings(now=now_ms(), key=caller_key(home), zone=args.zone)
    reader = source(args.source, settings)
    with archiving(home) as ours, closing(home.log()) as log:
        intake = Intake(log)
        try:
            for path in args.files:
                with bar(f"importing {path.name}", None) as advance:
                    for entries in _store(reader, path, tally, intake):
                        advance(entries)
        finally:  # what came before a damaged place is kept, and the account says how much
            intake.flush()
            print(report(tally), flush=True)
    if not ours and not finish(home):
        print("A running server archives and counts them.")
    return 1 if tally.rejected else 0


def _store(reader: Source, path: Path, tally: Tally, intake: Intake) -> Iterator[int]:
    now = now_ms()
    for facts in reader.read(lines_of(path), path.name, tally):
        if isinstance(facts, Rejected):
            bad = Bad(facts.line, facts.field, facts.problem, facts.raw)
            intake.add(DEAD_LETTERS, [bad.letter(now, f"{facts.file}:{facts.line}")])
            yield 0
        else:
            intake.add(EVENTS, facts)
            yield len(facts)


def caller_key(home: Embedded) -> bytes:
    """The secret under which callers' numbers are hashed: made once, kept beside the data.

    Raises:
        Stop: the file holds no key.
    """
    text = made_once(home.data / "caller.key", lambda: secrets.token_hex(32))
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        msg = f"{home.data / 'caller.key'} is not hexadecimal: restore it, or remove it"
        raise Stop(msg) from error


def report(tally: Tally) -> str:
    """An account of every line, in words."""
    lines = [
        f"{tally.read:>10,} lines read",
        f"{tally.accepted:>10,} accepted: {tally.contacts:,} contacts, {tally.events:,} events",
        *_reasons("left out", tally.left_out),
        *_reasons("rejected, kept as dead letters", tally.rejected),
        *_reasons("accepted, but contradict themselves", tally.dirty),
    ]
    lines += [
        f"{'':>11}{letter.file}:{letter.line}: {letter.reason}" for letter in tally.examples[:10]
    ]
    return "\n".join(lines)


def _reasons(words: str, counts: Counter[str]) -> list[str]:
    return [f"{count:>10,} {words}: {reason}" for reason, count in counts.most_common()]
