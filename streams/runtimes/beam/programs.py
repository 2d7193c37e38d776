"""Programs that run beside us for a while: begun, waited for, and ended by process id.

What a program says goes to a file; when it dies, its last words are in the error.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from schemas.errors import Stop

LAST_WORDS = 20  # lines
_LOOK_S = 0.1
_GRACE_S = 5.0


class Program:
    """A program of ours, in a session of its own with everything it begins.

    Attributes:
        pid: its process id.
        log: the file that takes its words.
    """

    def __init__(self, name: str, command: Sequence[str], logs: Path) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        with self.log.open("ab") as words:
            self._process = subprocess.Popen(
                [*_tied(), *command],
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._ended() is None

    def wait_for(self, ready: Callable[[], bool], within_s: float, what: str) -> None:
        """Wait until it is ready.

        Raises:
            Stop: it died first, or took longer; with its last words.
        """
        until = time.monotonic() + within_s
        while not ready():
            if not self.alive:
                raise Stop(self._with_last_words(f"{self.name} ended before {what}"))
            if time.monotonic() > until:
                msg = f"{self.name} runs, but after {within_s:.0f} s there is no sign of {what}"
                raise Stop(self._with_last_words(msg))
            time.sleep(_LOOK_S)

    def demand(self, settled_s: float = 0.0) -> None:
        """See that it still runs, also after so many seconds.

        Raises:
            Stop: it does not; with its last words.
        """
        self._let_end(settled_s)
        if not self.alive:
            raise Stop(self._with_last_words(f"{self.name} ended"))

    def kill(self) -> None:
        """End it as a power cut does; what it began is left to itself."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)

    def stop(self) -> None:
        """End it and all that it began."""
        self._signal(signal.SIGTERM)
        self._let_end(_GRACE_S)
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _let_end(self, within_s: float) -> None:
        until = time.monotonic() + within_s
        while self.alive and time.monotonic() < until:
            time.sleep(_LOOK_S)

    def _ended(self) -> os.waitid_result | None:
        """How it ended. It is not reaped before `stop`: until then its number is nobody else's."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _with_last_words(self, message: str) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LAST_WORDS:]
        return "\n".join([f"{message}; the end of {self.log}:", *lines])


def _tied() -> list[str]:
    """The words that let a program end with us, even where we are killed (Linux)."""
    tool = shutil.which("setpriv")
    return [] if tool is None else [tool, "--pdeathsig", "KILL", "--"]


@contextmanager
def running(name: str, command: Sequence[str], logs: Path) -> Iterator[Program]:
    """A program that is ended when the block ends, however it ends."""
    program = Program(name, command, logs)
    try:
        yield program
    finally:
        program.stop()


def listens(port: int) -> bool:
    """Whether something on this machine takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nothing listens on, all different."""
    with ExitStack() as held:
        taken = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(each.getsockname()[1]) for each in taken]
