"""The main job: eight simulated days through the gateway, then figures computed twice.

A server is started on a free port of this machine; a producer sends it the days over HTTP,
with repeats, late facts and missing ends, and meanwhile a crisis line opens. The archive is
written, and every figure is computed by the live worker and, from the Parquet, by SQL.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from schemas.errors import DeadLetter, Stop
from schemas.event import Event, encode
from schemas.lines import FILE
from streams.commands.demo_shown import show
from streams.commands.progress import bar
from streams.home import Home
from streams.producer import produce
from streams.server import token_of
from streams.simulator import deliver, simulate
from streams.simulator.demonstration import CRISIS_FROM

START, DAYS, SEED = date(2026, 1, 5), 8, 1
CRISIS = "2026-01-08T13:00:00.000Z"  # the crisis line opens: its row is written while all runs
BUSY = "2026-01-12T16:30:00.000Z"  # the last day, before noon in Toronto: the page is kept then
_MARK = ".demo"
CRISIS_LINE = f"""\
[[line]]
id = "ircc-crisis"
department = "ircc"
en = "Crisis line"
fr = "Ligne de crise"
effective_from = {START + timedelta(days=CRISIS_FROM)}
event = {{ en = "an event abroad (simulated)", fr = "un événement à l’étranger (simulé)" }}
"""


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.set_defaults(data=Path("vouch-data/demo"))


def run(args: Namespace) -> int:
    """Run the main job, and show what came of it."""
    home = Home(args.data)
    _fresh(home.data)
    events = deliver(simulate(START, DAYS, SEED), SEED)
    with _server(home) as url, bar("eight days through the gateway", None) as advance:
        token = token_of(home)
        sent = asyncio.run(produce(url, token, map(encode, _until(events, CRISIS)), advance))
        (home.data / FILE).write_text(CRISIS_LINE, encoding="utf-8")
        sent += asyncio.run(produce(url, token, map(encode, _until(events, BUSY)), advance))
        _counted(url)
        _keep(home, url)
        sent += asyncio.run(produce(url, token, map(encode, events), advance))
        _counted(url)
    return 0 if show(home, START, START + timedelta(days=DAYS), sent) else 1


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
def _server(home: Home) -> Iterator[str]:
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


def _keep(home: Home, url: str) -> None:
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
