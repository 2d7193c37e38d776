"""A network of our own, in which nothing but this machine can be reached, or can reach us.

Beam's job server, its artifact server and its worker pool listen on every interface, whatever
host they are told, and do what whoever calls them says. So the whole command, client included,
is started over inside a network namespace (Linux) that has the loopback interface and no other.

`python -m streams.runtimes.beam.alone COMMAND...` runs any command like that.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from typing import Never

from schemas.errors import Stop

_GET_FLAGS, _UP = 0x8913, 0x1  # SIOCGIFFLAGS and IFF_UP, of Linux's netdevice(7)
_BEGUN = "VOUCH_BEGUN_ALONE"
_ROOM_FOR = "ip link set lo up && exec " + '"$@"'


def alone() -> bool:
    """Whether no interface but loopback is up here."""
    return all(name == "lo" or not _up(name) for _, name in socket.if_nameindex())


def demand(*, open_ports: bool) -> None:
    """Refuse to go on where others could reach what is about to listen.

    Args:
        open_ports: the user said that they may (`--allow-open-ports`).

    Raises:
        Stop: others could, and the user did not say so.
    """
    if not (open_ports or alone()):
        msg = (
            "Beam's job server listens on every interface of this machine and asks nobody who "
            "they are; it starts only in a network of its own, or with --allow-open-ports"
        )
        raise Stop(msg)


def enter(command: Sequence[str]) -> None:
    """Go on as `command` in a network of our own; returns only where we are in one already.

    Nothing may have been begun: this process is replaced.

    Raises:
        Stop: this machine does not give one; what to do is in the words.
    """
    if alone():
        return
    if os.environ.get(_BEGUN):
        raise Stop("a network of our own was made, and yet has an interface that leads outside")
    room = _room()
    os.environ[_BEGUN] = "1"
    sys.stdout.flush()
    sys.stderr.flush()
    os.execvp(room[0], [*room, "sh", "-c", _ROOM_FOR, "sh", *command])


def _room() -> list[str]:
    """The words that make the namespace, tried once: root may as such, others as its owner."""
    missing = [tool for tool in ("unshare", "ip", "sh") if shutil.which(tool) is None]
    if missing:
        raise Stop(_words(f"needs {' and '.join(missing)} (util-linux, iproute2)"))
    said = ""
    for flags in ("-n", "-rn") if os.geteuid() == 0 else ("-rn",):
        room = ["unshare", flags, "--"]
        tried = subprocess.run(
            [*room, "ip", "link", "set", "lo", "up"], capture_output=True, text=True, check=False
        )
        if tried.returncode == 0:
            return room
        said = tried.stderr.strip()
    raise Stop(_words(f"is not given by this machine ({said})"))


def _words(why: str) -> str:
    return (
        f"a network of its own, in which Flink's ports are closed to others, {why}; allow user "
        "namespaces, or say --allow-open-ports on a machine whose ports nobody else reaches"
    )


def _up(interface: str) -> bool:
    asked = struct.pack("16sh", interface.encode(), 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        told = fcntl.ioctl(any_socket.fileno(), _GET_FLAGS, asked.ljust(40, b"\0"))
    (flags,) = struct.unpack_from("h", told, 16)
    return bool(flags & _UP)


def _main(command: Sequence[str]) -> Never:
    if not command:
        sys.exit("usage: python -m streams.runtimes.beam.alone COMMAND...")
    try:
        enter([sys.executable, "-m", "streams.runtimes.beam.alone", *command])
        os.execvp(command[0], list(command))
    except (Stop, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    _main(sys.argv[1:])
