"""Bring in facts from files: a telephone system's log, or JSON lines of CloudEvents.

Importing a file twice, shuffled, or in pieces the wrong way round changes no figure. What
cannot be understood is kept as a dead letter; every line is accounted for. Every import of one
system's files needs the same --zone, --name and --department.

With --follow, it goes on reading what is added to the files, also when they are rotated, until
Ctrl-C. Name the rotated files too (vouch import queue_log /var/log/asterisk/queue_log* --follow),
so that a new start misses nothing; what is read again changes no figure.
"""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from schemas.errors import DeadLetter
from schemas.topics import DEAD_LETTERS, EVENTS
from streams.clock import now_ms
from streams.commands.following import Pause, stopping
from streams.commands.intake import Intake, archiving, elsewhere, finish
from streams.commands.options import zone
from streams.commands.progress import bar
from streams.gateway.intake import Bad
from streams.home import Home
from streams.keyring.keys import CallerKeys
from streams.logs.port import Log
from streams.sources import SOURCES, source
from streams.sources.files import lines_of
from streams.sources.follow import follow
from streams.sources.port import Facts, Rejected, Settings, Source, Tally

REMEMBERED = 1_000_000  # contacts, to count each once; when following, not for ever
_NAME = re.compile(r"[a-z0-9][a-z0-9_.]{0,19}")


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("source", choices=sorted(SOURCES), help="what kind of file")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="plain or gzip")
    parser.add_argument("--zone", type=zone, help="time zone of local times in the file")
    parser.add_argument(
        "--name",
        type=short_name,
        help="short name of the system, where several of one kind are imported",
    )
    parser.add_argument(
        "--department",
        type=short_name,
        help="department of the contacts, where the file names none",
    )
    parser.add_argument(
        "--follow", action="store_true", help="go on with what is added, until stopped"
    )


def short_name(text: str) -> str:
    """A name that may become a part of ids: small letters, digits, point and underscore."""
    if not _NAME.fullmatch(text):
        msg = f"{text!r} is not 1 to 20 small letters, digits, points and underscores"
        raise ArgumentTypeError(msg)
    return text


def run(args: Namespace) -> int:
    """Import, archive, count, and say what became of every line."""
    missing = [str(path) for path in args.files if not path.is_file()]
    if missing:
        msg = f"not a file: {', '.join(missing)}"
        raise DeadLetter(msg)
    home, tally = Home(args.data), Tally()
    settings = Settings(
        now_ms(),
        zone=args.zone,
        name=args.name or "",
        department=args.department,
        tokens=CallerKeys(home.keyring),
    )
    if args.follow:
        _on_and_on(home, args.source, settings, args.files, tally)
        done = finish(home)
    else:
        done = _once(home, source(args.source, settings), args.files, tally) or finish(home)
    if not done:
        print(elsewhere(home))
    return 1 if tally.rejected else 0


def _once(home: Home, reader: Source, files: Sequence[Path], tally: Tally) -> bool:
    """Import files; whether they are archived and counted already."""
    with archiving(home) as ours, closing(home.log()) as log, _accounted(log, tally) as intake:
        for path in files:
            with bar(f"importing {path.name}", None) as advance:
                for entries in _store(reader.read(lines_of(path), path.name, tally), intake):
                    advance(entries)
    return ours


def _on_and_on(
    home: Home, name: str, settings: Settings, files: Sequence[Path], tally: Tally
) -> None:
    """Import files and what is added to them, until stopped."""
    with closing(home.log()) as log, stopping() as stop, _accounted(log, tally) as intake:
        for batch in follow(files, Pause(home, intake, stop)):
            reader = source(name, settings._replace(now=now_ms()))
            for _ in _store(reader.read(batch.lines, batch.name, tally), intake):
                pass
            tally.forget(REMEMBERED)


@contextmanager
def _accounted(log: Log, tally: Tally) -> Iterator[Intake]:
    """An intake that keeps what came before any failure; the account then says how much."""
    intake = Intake(log)
    try:
        yield intake
    finally:
        intake.flush()
        print(report(tally), flush=True)


def _store(found: Iterable[Facts | Rejected], intake: Intake) -> Iterator[int]:
    """Hand facts and dead letters to the intake; how many events each line gave."""
    now = now_ms()
    for facts in found:
        if isinstance(facts, Rejected):
            bad = Bad(facts.line, facts.field, facts.problem, facts.raw)
            intake.add(DEAD_LETTERS, [bad.letter(now, f"{facts.file}:{facts.line}")])
            yield 0
        else:
            intake.add(EVENTS, facts)
            yield len(facts)


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
