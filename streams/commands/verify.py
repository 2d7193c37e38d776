"""Check the evidence: chain, hashes, contiguity and counts of the whole archive.

    vouch verify archive

Names every bad place, the first one first, and exits with 1 if there is any. It changes
nothing and may run beside a server.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from sinks.archive.report import Report
from sinks.archive.verifier import verify
from streams.commands.progress import bar
from streams.home import Home


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", choices=["archive"], help="what to check")


def run(args: Namespace) -> int:
    """Check, and say what was found."""
    root = Home(args.data).archive
    with bar("verifying", None) as advance:
        report = verify(root, lambda _done, _total: advance(), Home(args.data).keys())
    print(
        f"{report.rows:,} rows in {report.files:,} files; {report.entries:,} commits, "
        f"{report.partitions} partitions, {report.logs} log(s)"
    )
    for fault in report.faults:
        print(f"FAULT {fault}")
    for pending in report.pending:
        print(f"not yet published: {pending}")
    for period, files in sorted(report.sealed.items()):
        print(f"sealed: raw events of {files:,} files, without the key of {period}; not checked")
    for period, files in sorted(report.disposed.items()):
        print(f"disposed: raw events and callers of {files:,} files, by the key of {period}")
    for lost in report.losses:
        print(f"lost before it was archived: {lost}")
    print(_verdict(report))
    return 1 if report.faults else 0


def _verdict(report: Report) -> str:
    if report.faults:
        return f"{len(report.faults)} fault(s)."
    lost = sum(one.next - one.start for one in report.losses)
    return f"The archive is whole, but for {lost:,} lost." if lost else "The archive is whole."
