"""One node of a cluster: a process, broker and controller in one, in a folder of its own."""

from __future__ import annotations

import io
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).parent


class BrokerFailed(Exception):
    """A node did not start; the end of its log is in the words."""


class Node:
    """One process, broker and controller."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = folder / "server.properties"
        self.options = folder / "java.options"
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, *, bound: bool) -> None:
        """Start the process; `serves` says when it is of use."""
        tie = ("setpriv", "--pdeathsig", "KILL") if bound and shutil.which("setpriv") else ()
        settings = f"{self.settings}"
        with (self.folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                [*tie, "java", f"@{self.options}", "-cp", f"{jars()}/*", "kafka.Kafka", settings],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # what a terminal tells its programs is not for the broker
            )
        (self.folder / "pid").write_text(f"{self._process.pid}\n")

    @property
    def pid(self) -> int | None:
        """The process, while it runs; a number given to another program since is not it."""
        if self._process is not None:
            return self._process.pid if self._process.poll() is None else None
        try:
            pid = int((self.folder / "pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self.settings) in command else None

    def signal(self, what: signal.Signals) -> None:
        """Send a signal to the process, if there is one."""
        if (pid := self.pid) is not None:
            os.kill(pid, what)

    def gone(self, patience_s: float = 30) -> None:
        """Wait until the process has ended; whoever takes too long is killed."""
        end = time.monotonic() + patience_s
        while self.pid is not None:
            if time.monotonic() > end:
                self.signal(signal.SIGKILL)
            time.sleep(0.02)

    def address(self, listener: str) -> str:
        """Where a listener is."""
        listeners = dict(one.split("://") for one in self._setting("listeners").split(","))
        return listeners[listener]

    def behind(self) -> list[str]:
        """The listeners that tell clients to come elsewhere."""
        names = [one.split("://")[0] for one in self._setting("listeners").split(",")]
        return [self.address(name) for name in names if name.startswith("BEHIND")]

    def serves(self, brokers: int) -> bool:
        """Whether it answers, with metadata that name itself and so many brokers in all.

        A node that is in the metadata has caught up with the controllers and is let in.
        """
        try:
            with self._connected() as connection:
                known = _brokers_known(connection)
        except (OSError, EOFError):
            return False
        return int(self._setting("node.id")) in known and len(known) >= brokers

    def tail(self) -> str:
        """The end of its log."""
        return (self.folder / "output.log").read_text(errors="replace")[-3000:]

    def _connected(self) -> socket.socket:
        """A connection such as the nodes have to one another."""
        host, port = self.address(self._setting("inter.broker.listener.name")).split(":")
        plain = socket.create_connection((host, int(port)), timeout=2)
        tls = self.folder.parent / "tls"
        if not tls.exists():
            return plain
        with plain:  # what wraps it takes it over
            context = ssl.create_default_context(cafile=f"{tls}/ca.pem")
            context.load_cert_chain(f"{tls}/broker.pem")
            return context.wrap_socket(plain, server_hostname=host)

    def _setting(self, name: str) -> str:
        """The last that the settings say of it, as Kafka reads them."""
        lines = [line.split("=", 1) for line in self.settings.read_text().splitlines()]
        return [line[1] for line in lines if line[0] == name][-1]


def jars() -> Path:
    """The folder of jars.

    Raises:
        BrokerFailed: there are none yet.
    """
    folder = Path(os.environ.get("VOUCH_KAFKA_JARS", HERE / "jars"))
    if not any(folder.glob("kafka_*.jar")):
        raise BrokerFailed(f"no jars in {folder}: mvn -q -B -f deploy/kafka/pom.xml package")
    return folder


def _brokers_known(connection: socket.socket) -> list[int]:
    """Ask for metadata without topics (request 3, version 1): the ids of the brokers."""
    request = struct.pack(">hhihi", 3, 1, 1, -1, 0)
    connection.sendall(struct.pack(">i", len(request)) + request)
    (length,) = struct.unpack(">i", _received(connection, 4))
    answer = io.BytesIO(_received(connection, length))
    _, count = struct.unpack(">ii", answer.read(8))
    return [_broker_id(answer) for _ in range(count)]


def _broker_id(answer: io.BytesIO) -> int:
    """Read one broker: id, host, port and rack, of which a length of -1 says that there is none."""
    number, length = struct.unpack(">ih", answer.read(6))
    _, _, rack = struct.unpack(f">{length}sih", answer.read(length + 6))
    answer.read(max(rack, 0))
    return int(number)


def _received(connection: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        part = connection.recv(size - len(got))
        if not part:
            raise EOFError
        got += part
    return got
