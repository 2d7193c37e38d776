"""What a cluster is made of before it runs: settings, certificates, users, formatted storage."""

from __future__ import annotations

import os
import random
import secrets
import socket
import subprocess
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hashlib import pbkdf2_hmac
from pathlib import Path
from string import Template

from deploy.kafka.node import HERE, BrokerFailed, Node, jars

USERS = ("admin", "gateway", "live", "archive", "merge", "page", "commands")
JAVA = (
    "-Xms128m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)
SHORT = ("-XX:TieredStopAtLevel=1",)  # half the work to start, and less speed later
_ITERATIONS = 4096


def write_settings(
    folder: Path,
    brokers: int,
    *,
    secure: bool,
    extra: Mapping[str, str],
    behind: Sequence[int],
) -> None:
    """A folder with settings for every node, on ports that are free now."""
    ports = _free_ports(3 * brokers + len(behind))
    clients, controllers, among, more = (
        ports[:brokers],
        ports[brokers : 2 * brokers],
        ports[2 * brokers : 3 * brokers],
        ports[3 * brokers :],
    )
    voters = ",".join(f"{n}@127.0.0.1:{port}" for n, port in enumerate(controllers, 1))
    for number in range(1, brokers + 1):
        values: dict[str, object] = {
            "node": number,
            "folder": folder / f"node-{number}",
            "tls": folder / "tls",
            "voters": voters,
            "clients": clients[number - 1],
            "controllers": controllers[number - 1],
            "brokers": among[number - 1],
            "copies": min(3, brokers),
            "in_sync": min(2, brokers),
        }
        text = template("node.properties", **values)
        text += template("secure.properties", **values) if secure else ""
        text += _behind(text, dict(zip(behind, more, strict=True))) if behind else ""
        text += "".join(f"{name}={value}\n" for name, value in extra.items())
        (folder / f"node-{number}").mkdir(parents=True)
        (folder / f"node-{number}/server.properties").write_text(text)


def template(name: str, **values: object) -> str:
    """The text of a file of settings, with these values in it."""
    return Template((HERE / name).read_text()).safe_substitute(values)


def _behind(text: str, ports: Mapping[int, int]) -> str:
    """More listeners: those of the text, and for each proxy's port one that is behind it."""
    known = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    names = {f"BEHIND{n}": pair for n, pair in enumerate(ports.items())}
    lines = {
        "listeners": [f"{name}://127.0.0.1:{real}" for name, (_, real) in names.items()],
        "advertised.listeners": [f"{name}://127.0.0.1:{told}" for name, (told, _) in names.items()],
        "listener.security.protocol.map": [f"{name}:PLAINTEXT" for name in names],
    }
    return "".join(f"{name}={','.join([known[name], *more])}\n" for name, more in lines.items())


def _free_ports(count: int) -> list[int]:
    """Ports below those that the system gives to clients: nobody takes one while a node is down."""
    found: list[int] = []
    for port in random.sample(range(15_000, 32_000), 4 * count + 100):
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            break
    return found


def make_secrets(folder: Path) -> None:
    """Certificates, and a password for every user."""
    subprocess.run([f"{HERE}/certificates.sh", f"{folder}/tls"], check=True)
    passwords = folder / "passwords"
    passwords.mkdir(mode=0o700)
    for user in USERS:
        with os.fdopen(os.open(passwords / user, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24) + "\n")


def scram_users(folder: Path) -> list[str]:
    """What makes the users at format time; the passwords themselves are on no command line."""
    arguments = []
    for user in USERS:
        password, salt = (folder / "passwords" / user).read_text().strip(), secrets.token_bytes(16)
        salted = pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
        parts = f'name={user},salt="{b64encode(salt).decode()}"'
        parts += f',saltedpassword="{b64encode(salted).decode()}",iterations={_ITERATIONS}'
        arguments += ["--add-scram", f"SCRAM-SHA-512=[{parts}]"]
    return arguments


def format_storage(nodes: Sequence[Node], users: Sequence[str]) -> None:
    """Make the storage of all nodes, side by side; they belong together by one identity."""
    # A capital letter first: an identity that begins with "-" would be taken for an option.
    cluster = urlsafe_b64encode(b"V" + secrets.token_bytes(15)).decode().rstrip("=")
    tool = ["java", *JAVA, *SHORT, "-cp", f"{jars()}/*", "kafka.tools.StorageTool"]
    tool += ["format", "-t", cluster, *users]
    going = [
        subprocess.Popen(
            [*tool, "-c", f"{node.settings}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for node in nodes
    ]
    for node, process in zip(nodes, going, strict=True):
        said, _ = process.communicate()
        if process.returncode != 0:
            raise BrokerFailed(f"the storage of {node.folder.name} cannot be made:\n{said}")
