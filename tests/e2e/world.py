"""What the end-to-end tests share: real processes, a client, and eyes of their own.

The archive is read with plain PyArrow, by its layout and not by the reader of this project.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from itertools import takewhile
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq

from schemas.event import Event, encode

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0  # after which a condition that does not come is a failure; never a measure
_LAGGING = re.compile(r"^vouchline_live_lag_events (\S+)$", re.MULTILINE)


def vouch(data: Path, name: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    """One command in a process of its own."""
    command = [sys.executable, "-m", "streams.cli", name, *words, "--data", str(data)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=PATIENCE_S, check=False)


def figures(data: Path, *words: str) -> bytes:
    """What `vouch measures --format json` prints; it must succeed."""
    done = vouch(data, "measures", *words, "--format", "json")
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def imported(data: Path, source: str, *files: Path) -> str:
    """The account of an import that must succeed."""
    done = vouch(data, "import", source, *map(str, files))
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.02)


@dataclass(frozen=True)
class Server:
    """A running `vouch run`."""

    process: subprocess.Popen[str]
    url: str
    token: str

    def post(self, values: Sequence[bytes]) -> tuple[int, str]:
        """Status and words; status 0 where nobody answers."""
        return post(self.url, self.token, values)

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE_S) as answer:
            return str(answer.read().decode())

    def counted(self) -> bool:
        """Whether the live worker has counted all that is in the log."""
        found = _LAGGING.search(self.get("/metrics"))
        return found is not None and float(found[1]) == 0

    def stop(self) -> int:
        """As a user does; the exit status."""
        self.process.terminate()
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE_S)


def post(url: str, token: str, values: Sequence[bytes]) -> tuple[int, str]:
    """Post a batch; a connection that is refused or broken is status 0."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/cloudevents-batch+json",
    }
    body = b"[" + b",".join(values) + b"]"
    request = urllib.request.Request(f"{url}/events", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except (OSError, HTTPException) as error:
        return 0, str(error)


def start(data: Path) -> Server:
    """A server on a free port; its words on standard error go to a file beside the data."""
    command = [sys.executable, "-m", "streams.cli", "run", "--data", str(data), "--port", "0"]
    with data.with_name(f"{data.name}.stderr").open("ab") as words:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=words, text=True
        )
    assert process.stdout
    with process.stdout as lines:
        greeting = "".join(takewhile(lambda line: line != "Stop with Ctrl-C.\n", lines))
    found = re.search(r"http://[^/]+", greeting)
    assert found, said(data)
    return Server(process, found[0], (data / "token").read_text().strip())


def said(data: Path) -> str:
    """What servers of a folder said on standard error."""
    return data.with_name(f"{data.name}.stderr").read_text()


@contextmanager
def serving(data: Path) -> Iterator[Server]:
    server = start(data)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


def jsonl(path: Path, values: Iterable[bytes]) -> Path:
    """A file of events, one a line."""
    path.write_bytes(b"".join(value + b"\n" for value in values))
    return path


def encoded(events: Iterable[Event]) -> list[bytes]:
    return [encode(event) for event in events]


def archived(data: Path) -> dict[int, list[tuple[int, bytes]]]:
    """Partition -> (offset, value) of every row in the published files, by offset."""
    rows: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
    for path in sorted((data / "archive" / "data").rglob("*.parquet")):
        number = int(path.parent.parent.name.removeprefix("partition="))
        table = pq.ParquetFile(path).read(columns=["offset", "value"])
        rows[number] += zip(table["offset"].to_pylist(), table["value"].to_pylist(), strict=True)
    return {number: sorted(found) for number, found in rows.items()}


def without_as_of(found: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = msgspec.json.decode(found)
    return [{k: v for k, v in row.items() if k != "as_of"} for row in rows]
