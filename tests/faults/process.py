"""One process of roles: started, killed, stopped for a while, and listened to."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests.e2e.world import ROOT

LIMIT_S = 120.0  # after which what does not come is a failure; never a measure
#: What a role says last that finds no broker at its start, or loses them before it is up.
AWAY = re.compile(r"vouch run: .*(no broker can be reached|the brokers do not answer)")
_ADDRESS = re.compile(r"http://([^/:\s]+):(\d+)")


def until(
    condition: Callable[[], object], what: str | Callable[[], str], limit_s: float = LIMIT_S
) -> None:
    """Wait for a condition; fail with its name."""
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            words = what if isinstance(what, str) else what()
            msg = f"what was waited for did not come: {words}"
            raise AssertionError(msg)
        time.sleep(0.05)


class Process:
    """`vouch run --roles ...` on a data folder of its own; it may live many times.

    What it says on standard error in all its lives is kept in `NAME.stderr` beside the folder.
    It ends with the thread that started it.

    Attributes:
        state: folder of its state files.
        kills: how often it was killed.
        ended: what it said last, each time that it ended by itself.
    """

    def __init__(self, data: Path, roles: str) -> None:
        self.data, self.roles, self.name = data, roles, data.name
        self.state = data / "state"
        self.kills = 0
        self.ended: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._greeting = data.with_name(f"{data.name}.stdout")
        self._words = data.with_name(f"{data.name}.stderr")

    def start(self) -> None:
        """Begin a life; `ready` says when it is of use."""
        self.finish()
        tie = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
        command = [*tie, sys.executable, "-m", "streams.cli", "run", "--data", str(self.data)]
        with self._greeting.open("wb") as out, self._words.open("ab") as words:
            self._process = subprocess.Popen(
                [*command, "--roles", self.roles, "--port", "0"],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=words,
            )

    @property
    def alive(self) -> bool:
        """Whether it runs; one that is paused does."""
        return self._process is not None and self._process.poll() is None

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port that it serves HTTP on; None until it says so."""
        found = _ADDRESS.search(self._greeting.read_text()) if self.alive else None
        return (found[1], int(found[2])) if found else None

    def ready(self) -> bool:
        """Whether it says of itself that it is of use; begun again where it ended by itself.

        A role that finds no broker says so and ends, and is started again by whoever looks after
        it. Anything else that ends one ends the run.
        """
        if not self.alive:
            self.ended.append((self.said().splitlines() or [""])[-1])
            if not AWAY.match(self.ended[-1]):
                msg = f"{self.name} ended by itself:\n{self.said()[-3000:]}"
                raise AssertionError(msg)
            self.start()
        address = self.address
        return address is not None and self._get(address, "/readyz")[0] == 200

    def why(self) -> str:
        """What it says of being of use."""
        address = self.address
        said = self._get(address, "/readyz") if address else "it does not listen yet"
        return f"{self.name} is ready; it says {said}"

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        if self.alive:
            self.kills += 1
            self._signal(signal.SIGKILL)
            self.wait()

    def pause(self) -> None:
        """SIGSTOP, and wait until all of it stands: its connections stay open, it says nothing."""
        self._signal(signal.SIGSTOP)
        until(lambda: not self.alive or self._stands(), f"{self.name} stands still")

    def resume(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def terminate(self) -> None:
        """As an operator ends it; returns at once."""
        self._signal(signal.SIGTERM)

    def wait(self, limit_s: float = LIMIT_S) -> int:
        """Wait until it has ended; its exit status."""
        assert self._process
        return self._process.wait(limit_s)

    def finish(self) -> None:
        """Let nothing of it run."""
        if self.alive:
            self._signal(signal.SIGKILL)
            self.wait()

    def said(self) -> str:
        """What it said on standard error, in all its lives."""
        return self._words.read_text(errors="replace") if self._words.exists() else ""

    def _get(self, address: tuple[str, int], path: str) -> tuple[int, str]:
        """Status and body; 0 where nobody answers in time."""
        try:
            url = f"http://{address[0]}:{address[1]}{path}"
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def _stands(self) -> bool:
        """Whether every thread is stopped: one in the middle of a system call finishes it first."""
        assert self._process
        states = Path(f"/proc/{self._process.pid}/task").glob("*/stat")
        return all(state.read_text().rpartition(")")[2].split()[0] in "TtZX" for state in states)

    def _signal(self, what: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, what)
