"""Dead letters: what was refused, why, and how it began; the newest last.

They stay in the log of the data folder until somebody removes them by hand; on Kafka, as long as
the topic keeps them.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

import msgspec

from schemas.instants import instant
from schemas.letters import Letter
from schemas.topics import DEAD_LETTERS
from streams.commands.options import count
from streams.home import Home
from streams.logs.port import Log

HEAD = 200  # characters of the head in a table; JSON has all that was kept


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--last", type=count, default=20, metavar="N", help="(default: 20)")
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(args: Namespace) -> int:
    """List the newest dead letters."""
    home = Home(args.data)
    home.check()
    log = home.log()
    try:
        letters = newest(log, args.last)
    finally:
        log.close()
    if args.format == "json":
        plain = [_plain(letter) for letter in letters]
        print(msgspec.json.format(msgspec.json.encode(plain)).decode())
        return 0
    print("\n".join(map(_told, letters)) or "There are no dead letters.")
    return 0


def newest(log: Log, last: int) -> list[Letter]:
    """The last dead letters by time of receipt, whatever partition holds them; oldest first."""
    found: list[Letter] = []
    for number in range(log.partitions):
        held, following = log.bounds(DEAD_LETTERS, number)
        rows = log.read(DEAD_LETTERS, number, max(held, following - last), last)
        found += [msgspec.json.decode(row.value, type=Letter) for row in rows]
    return sorted(found, key=lambda letter: letter.received_ms)[-last:]


def _plain(letter: Letter) -> dict[str, object]:
    fields = msgspec.structs.asdict(letter)
    del fields["received_ms"]
    head = letter.head.decode(errors="backslashreplace")
    return {"received": instant(letter.received_ms), **fields, "head": head}


def _told(letter: Letter) -> str:
    fields = _plain(letter)
    received, head = fields.pop("received"), str(fields.pop("head"))
    shown = head[:HEAD] + ("…" if len(head) > HEAD else "")
    lines = [f"  {name:<9} {_printable(str(value))}" for name, value in fields.items()]
    return "\n".join([f"{received}", *lines, f"  {'head':<9} {_printable(shown)}"])


def _printable(text: str) -> str:
    """What strangers sent, without what a terminal would obey."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
