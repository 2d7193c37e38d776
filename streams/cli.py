"""The command line, `vouch`: the one place that prints, exits and puts things together.

A command is a module of `streams.commands`, imported only when it is called, so that help is
quick. To add one, add a row here and the module, with `arguments(parser)` and `run(args)`.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

COMMANDS = {
    "run": "gateway, live worker, archive, page and /metrics, until stopped",
    "import": "facts from files: vouch import queue_log FILE... --follow, technion, events",
    "simulate": "a seeded phone service of three departments, through the same intake",
    "measures": "figures of any period, as table, CSV, JSON or Parquet",
    "recompute": "figures from the archive alone, by the core on Beam or by the published SQL",
    "gate": "live, Beam and SQL side by side, to the unit, before anything is published",
    "why": "why a figure is not what it was, or not that of another period",
    "sample": "a reproducible sample of the contacts behind a figure: a working paper",
    "trace": "from a figure to its events in the archive, and from a contact to its figures",
    "contact": "one contact: its events, and how they were folded",
    "callback": "callbacks that went wrong, or one of them explained by its two neighbours",
    "letters": "dead letters: what was refused, why, and how it began",
    "calendar": "business calendars with the source of every entry; what falls due when",
    "lines": "telephone lines: when each opened and closed, and for what event",
    "standards": "service standards and commitments: met, not met, NA, and why",
    "reconcile": "totals that others declared, beside ours, and the remainder",
    "gaps": "missing sequence numbers of every source",
    "finals": "record final figures, or list those that moved; every change needs a reason",
    "annotations": "what happened on days that figures must be read by",
    "definitions": "every measure: its words, its version, its SQL",
    "topics": "topics on Kafka: who writes and reads them; create or check them, and their ACLs",
    "move": "take a data folder from its own log to Kafka: the archive goes on, nothing is lost",
    "keys": "keys of callers' tokens and of sealed columns: list, rotate, hold, destroy",
    "seal": "close days that are over: record them, make small files large",
    "verify": "check the archive: chain, hashes, contiguity, counts",
    "views": "a view script that stock DuckDB opens with -init",
    "demo": "the main job: eight simulated days, figures computed twice, side by side",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    name = words[0] if words else "--help"
    if name in {"-h", "--help"}:
        _overview().print_help()
        return 0 if words else 2
    if name == "--version":
        from importlib.metadata import version  # noqa: PLC0415  # slow, and rarely asked

        print(f"vouch {version('vouchline')}")
        return 0
    if name not in COMMANDS:
        _overview().error(f"there is no command {name!r}")
    return _run(name, words[1:])


def _overview() -> ArgumentParser:
    width = max(map(len, COMMANDS))
    rows = "\n".join(f"  {name:<{width}}  {words}" for name, words in COMMANDS.items())
    return ArgumentParser(
        prog="vouch",
        description="Contact-centre figures that anyone can check.",
        epilog=f"commands:\n{rows}\n\n`vouch COMMAND --help` says more.",
        formatter_class=RawDescriptionHelpFormatter,
        usage="vouch COMMAND [options]  |  vouch --version",
    )


def _run(name: str, words: list[str]) -> int:
    from schemas.errors import VouchError  # noqa: PLC0415  # help must not wait for it
    from streams.garbage import look_seldom  # noqa: PLC0415

    look_seldom()
    module = import_module(f"streams.commands.{name.replace('import', 'import_')}")
    parser = ArgumentParser(
        prog=f"vouch {name}",
        description=module.__doc__,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get("VOUCH_DATA_DIR", "vouch-data")),
        help="the folder of everything (default: VOUCH_DATA_DIR, else vouch-data)",
    )
    module.arguments(parser)
    args = parser.parse_args(words)
    try:
        return int(module.run(args))
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (VouchError, OSError) as error:
        print(f"vouch {name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"vouch {name}: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
