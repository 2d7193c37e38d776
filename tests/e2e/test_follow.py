"""`vouch import --follow`: a live log through its rotations, stopped and started again."""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from schemas.topics import EVENTS
from streams.home import Home
from tests.e2e.world import PATIENCE_S, ROOT, figures, serving, until, vouch, without_as_of

DAY = (ROOT / "tests/fixtures/queue_log/day").read_bytes().splitlines(keepends=True)
PERIOD = ("--from", "2026-01-05", "--to", "2026-01-07", "--by", "hour,queue")
PLACE = ("--department", "esdc")
WAITING = "Waiting for more. Stop with Ctrl-C.\n"


@contextmanager
def following(data: Path, *files: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, once it has read what was there."""
    command = [sys.executable, "-m", "streams.cli", "import", "queue_log", *map(str, files)]
    command += ["--follow", *PLACE, "--data", str(data)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == WAITING
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def stopped(process: subprocess.Popen[str], how: signal.Signals) -> str:
    """The account, after a clean stop."""
    process.send_signal(how)
    words, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, words
    return words


def taken(data: Path) -> int:
    """How many events ever entered the log."""
    with closing(Home(data).log()) as log:
        return sum(log.bounds(EVENTS, number)[1] for number in range(log.partitions))


def add(data: Path, path: Path, lines: list[bytes]) -> None:
    """Append, in two halves of a line, and wait until it was taken."""
    before = taken(data)
    text = b"".join(lines)
    for part in (text[:-9], text[-9:]):
        with path.open("ab") as file:
            file.write(part)
    alone = sum(1 for line in lines if b"QUEUESTART" not in line)
    until(lambda: taken(data) >= before + alone)


def test_every_line_is_taken_once_whatever_happens_to_the_file(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "queue_log"
    log.write_bytes(b"".join(DAY[:20]))
    with following(data, log) as process:
        add(data, log, DAY[20:35])
        log.rename(tmp_path / "queue_log.1")
        log.write_bytes(b"")
        add(data, log, DAY[35:45])
        (tmp_path / "queue_log.2.gz").write_bytes(gzip.compress(b"".join(DAY[:35])))
        (tmp_path / "queue_log.1").write_bytes(log.read_bytes())  # copied and truncated
        log.write_bytes(b"")
        add(data, log, DAY[45:50])
        words = stopped(process, signal.SIGINT)
    assert "        50 lines read" in words
    assert "rejected" not in words

    with following(data, *sorted(tmp_path.glob("queue_log*"))) as process:
        add(data, log, DAY[50:])
        words = stopped(process, signal.SIGTERM)
    assert f"{len(DAY):>10} lines read" in words

    (tmp_path / "whole").write_bytes(b"".join(DAY))
    assert (
        vouch(tmp_path / "clean", "import", "queue_log", str(tmp_path / "whole"), *PLACE).returncode
        == 0
    )
    assert figures(data, *PERIOD) == figures(tmp_path / "clean", *PERIOD)


def test_figures_may_be_asked_for_while_it_follows(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "queue_log"
    log.write_bytes(b"".join(DAY[:20]))
    with following(data, log) as process:
        add(data, log, DAY[20:])
        meanwhile = figures(data, *PERIOD)
        stopped(process, signal.SIGTERM)
    assert meanwhile == figures(data, *PERIOD)
    assert any(row["numerator"] for row in without_as_of(meanwhile))


def test_a_running_server_counts_what_is_followed(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "queue_log"
    log.write_bytes(b"".join(DAY[:20]))
    with serving(data) as server, following(data, log) as process:
        add(data, log, DAY[20:])
        until(server.counted)
        assert "A running server archives and counts them." in stopped(process, signal.SIGTERM)
        assert server.stop() == 0
    assert any(row["numerator"] for row in without_as_of(figures(data, *PERIOD)))
