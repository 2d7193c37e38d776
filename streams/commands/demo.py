"""The main job: eight simulated days through the gateway, then figures computed twice.

A server is started on a free port of this machine; a producer sends it the days over HTTP,
with repeats, late facts and missing ends; the archive is written, and the last day's figures
are computed by the live worker and, from the Parquet, by SQL.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from schemas.board import Figure
from schemas.errors import DeadLetter, Stop
from schemas.event import Event, encode
from schemas.measures import MEASURES
from schemas.measures.funnel import SUMS
from streams.commands.measures import ask_for
from streams.commands.progress import bar
from streams.embedded import Embedded
from streams.producer import produce
from streams.runtimes.asking import Request
from streams.server import token_of
from streams.simulator import deliver, simulate

START, DAYS, SEED = date(2026, 1, 5), 8, 1
BUSY = "2026-01-12T16:30:00.000Z"  # the last day, before noon in Toronto: the page is kept then
_MARK = ".demo"
_WIDTH = 100  # of the table; in a narrower terminal its lines break, but no figure is cut
_SHOWN = (
    *(f"funnel.{term}" for term in ("arrived", "blocked_before_asking", "self_served")),
    *(f"funnel.{term}" for term in ("left_in_ivr", "in_ivr", "asked", "turned_away", "queued")),
    *(f"funnel.{term}" for term in ("answered", "abandoned", "abandoned_short")),
    *(f"funnel.{term}" for term in ("callback_accepted", "other_exit", "waiting", "unexplained")),
    *("answer.rate", "access.rate", "abandon.rate", "hangup.any"),
    *("service_level.offered", "service_level.client_view"),
    *("wait.mean", "wait.median", "wait.p90", "handle.mean", "after_call.mean"),
    *("callback.offered", "callback.take_up", "callback.eventual_success", "callback.wait_mean"),
)


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.set_defaults(data=Path("vouch-data/demo"))


def run(args: Namespace) -> int:
    """Run the main job, and show what came of it."""
    home = Embedded(args.data)
    _fresh(home.data)
    events = deliver(simulate(START, DAYS, SEED), SEED)
    with _server(home) as url, bar("eight days through the gateway", None) as advance:
        token = token_of(home)
        sent = asyncio.run(produce(url, token, map(encode, _until(events, BUSY)), advance))
        _counted(url)
        _keep(home, url)
        sent += asyncio.run(produce(url, token, map(encode, events), advance))
        _counted(url)
    last = START + timedelta(days=DAYS - 1)
    request = Request(last, last + timedelta(days=1), None, ("department",), _SHOWN)
    live, by_sql = ask_for(home, request, "live"), ask_for(home, request, "sql")
    console = Console(width=max(Console().width, _WIDTH))
    _show(console, live, by_sql, f"{last}, the last of {DAYS} days; {sent:,} events sent")
    _where(console, home)
    return 0 if live == by_sql else 1


def _until(events: Iterator[Event], time: str) -> Iterator[Event]:
    """The events up to the first one at or after a time, which goes with them."""
    for event in events:
        yield event
        if event.time >= time:
            return


def _fresh(data: Path) -> None:
    """Begin with nothing; a folder that is not a demo's is left alone."""
    if data.exists():
        if not (data / _MARK).exists():
            msg = f"{data} is not a demo's folder, and is left as it is; choose another --data"
            raise DeadLetter(msg)
        shutil.rmtree(data)
    data.mkdir(parents=True)
    (data / _MARK).touch()


@contextmanager
def _server(home: Embedded) -> Iterator[str]:
    """A server on a free port, stopped at the end: what it took is then archived."""
    command = [sys.executable, "-m", "streams.cli", "run", "--data", str(home.data), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            found = re.search(r"http://[^/]+", line)
            if found is None:
                msg = "the server did not start; its words are above"
                raise Stop(msg)
            yield found[0]
        finally:
            process.terminate()
            process.wait()


def _counted(url: str) -> None:
    """Wait until the live worker has counted what was sent."""
    while not re.search(
        r"^vouchline_live_lag_events 0(\.0)?$", _get(url, "/metrics"), re.MULTILINE
    ):
        time.sleep(0.2)


def _keep(home: Embedded, url: str) -> None:
    """The page and the metrics of a busy moment, for after the server has stopped."""
    style = f"<style>{_get(url, '/style.css')}</style>"
    for language in ("en", "fr"):
        page = re.sub(
            '<link rel="stylesheet"[^>]*>', lambda _: style, _get(url, f"/{language}?pause")
        )
        (home.data / f"page.{language}.html").write_text(page, encoding="utf-8")
    (home.data / "metrics.txt").write_text(_get(url, "/metrics"), encoding="utf-8")


def _get(url: str, path: str) -> str:
    with urllib.request.urlopen(url + path, timeout=10) as answer:  # our own server
        return str(answer.read().decode())


def _show(console: Console, live: Sequence[Figure], by_sql: Sequence[Figure], title: str) -> None:
    departments = list(dict.fromkeys(str(figure.dimensions["department"]) for figure in live))
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    table.add_column("", no_wrap=True)
    for department in departments:
        table.add_column(f"{department}\nlive", justify="right", no_wrap=True)
        table.add_column("\nSQL", justify="right", no_wrap=True)
    one, two = _by_place(live), _by_place(by_sql)
    for measure in _SHOWN:
        cells = [_said(found.get((d, measure))) for d in departments for found in (one, two)]
        unit = MEASURES[measure].unit
        table.add_row(measure, unit if unit in {"%", "s"} else "", *cells)
    console.print(table)
    console.print("\nThe funnel closes:")
    for department in departments:
        for total, parts in SUMS:
            console.print(f"  {department:<5}{_sum(one, department, total, parts)}", soft_wrap=True)
    equal = "equal to the unit" if live == by_sql else "NOT EQUAL"
    console.print(f"\n{len(live)} figures, live and by SQL: [bold]{equal}[/bold].")


def _by_place(figures: Sequence[Figure]) -> dict[tuple[str, str], Figure]:
    return {(str(figure.dimensions["department"]), figure.measure): figure for figure in figures}


def _said(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return "unknown"
    return f"{figure.value:,}" if isinstance(figure.value, int) else figure.value


def _sum(
    figures: dict[tuple[str, str], Figure], department: str, total: str, parts: Sequence[str]
) -> str:
    whole = figures[department, f"funnel.{total}"].numerator
    counts = [figures[department, f"funnel.{part}"].numerator or 0 for part in parts]
    terms = " + ".join(f"{part} {n:,}" for part, n in zip(parts, counts, strict=True))
    return f"{total} {whole:,} {'=' if whole == sum(counts) else 'IS NOT'} {terms}"


def _where(console: Console, home: Embedded) -> None:
    data, vouch = home.data, os.path.relpath(sys.argv[0])  # as it was called: it may be in .venv
    words = f"""
Parquet   {home.archive}/data
          {vouch} verify archive --data {data}
SQL       {vouch} views --data {data}
          duckdb -init {data}/views.sql
Page      {data}/page.en.html, {data}/page.fr.html (as at 11:30 of the last day)
Metrics   {data}/metrics.txt (likewise)
Live      {vouch} run --data {data}
          then http://127.0.0.1:8780/en and http://127.0.0.1:8780/metrics"""
    console.print(words, soft_wrap=True, highlight=False)
