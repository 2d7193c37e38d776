"""Topics on Kafka: what is in each, for how long, who writes it and who reads it.

They are listed as they are meant to be. With --create, what is missing on the brokers of
vouch.toml is created, and what is there is checked: nothing that exists is changed. With --acls,
what each role's user must be allowed is listed; with both, the brokers are told to allow it.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

import msgspec

from schemas.errors import DeadLetter
from schemas.instants import DAY
from schemas.topics import PARTITIONS, TOPICS, Client, Topic
from streams.kafka.acls import ALONE, CLIENTS, Users, grant, rights
from streams.kafka.settings import Kafka
from streams.kafka.topics import ensure, log_id
from streams.settings import settings_in


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--create", action="store_true", help="create what is missing, or check")
    parser.add_argument("--acls", action="store_true", help="what each user must be allowed")
    parser.add_argument(
        "--user",
        action="append",
        metavar="NAME=ROLES",
        help="a user and its roles, `vouch=gateway,live` (default: one of its name for each role)",
    )
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(args: Namespace) -> int:
    """List the topics or the rights, or see to them."""
    users = dict(map(_user, args.user)) if args.user else ALONE
    if args.create or args.acls:
        print("\n".join(_seen_to(_kafka(args.data), args.create, args.acls, users)))
        return 0
    kafka = settings_in(args.data).kafka
    if args.format == "json":
        plain = [_plain(row, kafka) for row in TOPICS.values()]
        print(msgspec.json.format(msgspec.json.encode(plain)).decode())
        return 0
    print("\n".join(_described(row, kafka) for row in TOPICS.values()))
    return 0


def _kafka(data: Path) -> Kafka:
    kafka = settings_in(data).kafka
    if kafka is None:
        msg = f"vouch.toml in {data} has no [kafka]: there are no brokers to see to"
        raise DeadLetter(msg)
    return kafka


def _user(text: str) -> tuple[str, list[Client]]:
    name, _, said = text.partition("=")
    roles = [client for client in CLIENTS if client in said.split(",")]
    if not name or {*roles} != {*said.split(",")}:
        msg = f"--user {text}: is not NAME=ROLES, with roles of {', '.join(CLIENTS)}"
        raise DeadLetter(msg)
    return name, roles


def _seen_to(kafka: Kafka, create: bool, acls: bool, users: Users) -> list[str]:
    said = []
    if create:
        ensure(kafka)
        said += [f"{len(TOPICS)} topics are as they must be; the log is {log_id(kafka)}"]
    if acls:
        said += map(str, rights(kafka, users))
    if create and acls:
        grant(kafka, users)
        said += ["The brokers know of these rights."]
    return said


def _plain(row: Topic, kafka: Kafka | None) -> dict[str, object]:
    """The row as this installation has it."""
    fields = msgspec.structs.asdict(row)
    return {**fields, "name": _name(row, kafka), "partitions": _partitions(row, kafka)}


def _name(row: Topic, kafka: Kafka | None) -> str:
    return kafka.topic(row.name) if kafka else row.name


def _partitions(row: Topic, kafka: Kafka | None) -> int:
    return row.partitions or (kafka.partitions if kafka else PARTITIONS)


def _described(row: Topic, kafka: Kafka | None) -> str:
    kept = "for ever" if row.retention_ms is None else _many(row.retention_ms // DAY, "day")
    readers = [*row.readers, *["subscribers"] * row.public]
    partitions = _many(_partitions(row, kafka), "partition")
    return "\n".join(
        (
            f"{_name(row, kafka):<22} {partitions:<13}  {kept:<10} {row.cleanup}",
            f"  {row.en}",
            f"  {row.fr}",
            f"  {'key':<7} {row.key}",
            f"  {'values':<7} {', '.join(row.schemas)}",
            f"  {'from':<7} {', '.join(row.owners)}   to {', '.join(readers)}",
        )
    )


def _many(number: int, of: str) -> str:
    return f"{number} {of}{'s' * (number > 1)}"
