"""A real Apache Kafka on this machine, without Docker: one node, or three that agree.

    python deploy/kafka/broker.py start FOLDER [--brokers 3] [--secure]
    python deploy/kafka/broker.py stop FOLDER

Every node is broker and controller in one (KRaft), listens on 127.0.0.1 only, on ports that are
its own for life, and keeps everything it writes in the folder:

    FOLDER/
      addresses            one line for each node: where clients find it
      node-1/              its settings, data, log (output.log), process id and options of Java
      tls/                 secure: ca.pem is for clients, broker.pem for the nodes only
      passwords/           secure: one file for each user, as a client's `password_file`

The jars are Maven's: `mvn -q -B -f deploy/kafka/pom.xml package`, or any folder that
VOUCH_KAFKA_JARS names. Needs Java 17 and, to be secure, openssl.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

if not __package__:  # as a script; what is beside it is found from the root of all
    sys.path.insert(0, str(Path(__file__).parents[2]))

from deploy.kafka.node import HERE, BrokerFailed, Node, jars
from deploy.kafka.storage import (
    JAVA,
    SHORT,
    USERS,
    format_storage,
    make_secrets,
    scram_users,
    template,
    write_settings,
)

__all__ = ["HERE", "SHORT", "USERS", "Broker", "BrokerFailed", "jars", "template"]
LIMIT_S = 120  # a slow machine is waited for, a broken one is not waited for all night


class Broker:
    """A cluster in a folder, running or not.

    Attributes:
        folder: everything that it writes is in here.
        nodes: its processes, running or not.
        addresses: "127.0.0.1:port" of every node, for clients.
        behind: where the listeners of `start(behind=...)` really are.
    """

    def __init__(self, folder: Path, *, bound: bool = False) -> None:
        self.folder, self._bound = folder.absolute(), bound
        self.nodes = [Node(path) for path in sorted(self.folder.glob("node-*"))]
        self.addresses = [node.address("CLIENTS") for node in self.nodes]
        self.behind = self.nodes[0].behind() if self.nodes else []

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        brokers: int = 1,
        secure: bool = False,
        extra: Mapping[str, str] = {},
        behind: Sequence[int] = (),
        java: Sequence[str] = (),
        bound: bool = False,
    ) -> Broker:
        """Make a new cluster in an empty folder, start it, and wait until it serves.

        Args:
            folder: is made.
            brokers: how many nodes.
            secure: SASL_SSL with SCRAM-SHA-512, the users of USERS, and ACLs, of which there
                are none yet: only "admin" may do anything.
            extra: settings of every node, over ours.
            behind: for each port, one more plain listener that tells clients to come to that
                port of this machine, where a proxy is; on one node only.
            java: options of the Java machine, after ours: `SHORT` for a broker of minutes.
            bound: the nodes are killed when the thread that started them ends.

        Raises:
            BrokerFailed: it does not come up.
        """
        folder = folder.absolute()
        if secure:
            make_secrets(folder)
        write_settings(folder, brokers, secure=secure, extra=extra, behind=behind)
        made = cls(folder, bound=bound)
        for node in made.nodes:
            node.options.write_text("\n".join([*JAVA, *java]))
        format_storage(made.nodes, scram_users(folder) if secure else [])
        (folder / "addresses").write_text("".join(f"{a}\n" for a in made.addresses))
        try:
            made.again()
        except BrokerFailed:
            made.stop()
            raise
        return made

    def again(self) -> None:
        """Start every node that does not run, and wait until all serve.

        Raises:
            BrokerFailed: one ended, or two minutes were not enough.
        """
        for node in self.nodes:
            if node.pid is None:
                node.run(bound=self._bound)
        for node in self.nodes:
            self._wait(node, len(self.nodes))

    @property
    def pids(self) -> list[int]:
        """The process of every node that runs."""
        return [pid for node in self.nodes if (pid := node.pid) is not None]

    @property
    def ca(self) -> Path:
        """What clients of a secure cluster check its certificates against."""
        return self.folder / "tls/ca.pem"

    def password_file(self, user: str) -> Path:
        """The password of a user of a secure cluster."""
        return self.folder / "passwords" / user

    def stop(self) -> None:
        """End all nodes in good order, and wait until they are gone."""
        for node in self.nodes:
            node.signal(signal.SIGCONT)
            node.signal(signal.SIGTERM)
        for node in self.nodes:
            node.gone()

    def kill(self, n: int = 0) -> None:
        """End one node as a loss of power of its process would (SIGKILL)."""
        self.nodes[n].signal(signal.SIGKILL)
        self.nodes[n].gone()

    def pause(self, n: int = 0) -> None:
        """Let one node hang (SIGSTOP): its connections stay open and nothing is answered."""
        self.nodes[n].signal(signal.SIGSTOP)

    def resume(self, n: int = 0) -> None:
        """Let a node that hangs go on."""
        self.nodes[n].signal(signal.SIGCONT)

    def restart(self, n: int = 0, *, bound: bool = False) -> None:
        """Start one node anew, on its ports and data; one that runs is stopped first.

        It is bound as at the first start, or now.

        Raises:
            BrokerFailed: it ended, or two minutes were not enough.
        """
        node = self.nodes[n]
        node.signal(signal.SIGCONT)
        node.signal(signal.SIGTERM)
        node.gone()
        node.run(bound=bound or self._bound)
        self._wait(node, 1)

    @staticmethod
    def _wait(node: Node, brokers: int) -> None:
        """Return when a node is let in, and knows of so many."""
        end = time.monotonic() + LIMIT_S
        while not node.serves(brokers):
            if node.pid is None or time.monotonic() > end:
                msg = f"{node.folder.name} does not serve:\n{node.tail()}"
                raise BrokerFailed(msg)
            time.sleep(0.05)


def main() -> None:
    """Start or stop a cluster that outlives this command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["start", "stop"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--brokers", type=int, default=1, help="how many nodes (1)")
    parser.add_argument("--secure", action="store_true", help="TLS, SCRAM and ACLs")
    asked = parser.parse_args()
    if asked.what == "stop":
        Broker(asked.folder).stop()
        return
    try:
        known = Broker(asked.folder)
        if known.nodes:
            known.again()
        else:
            known = Broker.start(asked.folder, brokers=asked.brokers, secure=asked.secure)
    except BrokerFailed as failed:
        parser.exit(1, f"{failed}\n")
    print("\n".join(known.addresses))  # noqa: T201


if __name__ == "__main__":
    main()
