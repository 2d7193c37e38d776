"""Serve: intake, live figures, archive, page and metrics in one process, until stopped.

Settings are read from vouch.toml in the data folder. Without one, the gateway listens on
127.0.0.1:8780, and producers use the token in the file `token`. Where it says how Kafka is
reached, a process may have any of the roles, on any machine.
"""

from __future__ import annotations

import asyncio
import logging
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence

import msgspec

from streams.commands.options import port
from streams.home import Home
from streams.process import ROLES
from streams.server import Server, settings_of
from streams.settings import Settings


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--port", type=port, help="listen here instead; 0 takes a free port")
    parser.add_argument(
        "--roles",
        type=_roles,
        default=ROLES,
        help=f"what this process does, on Kafka: of {','.join(ROLES)}; by default, all of it",
    )


def _roles(text: str) -> tuple[str, ...]:
    names = text.split(",")
    for name in names:
        if name not in ROLES:
            msg = f"{name!r} is none of {', '.join(ROLES)}"
            raise ArgumentTypeError(msg)
    return tuple(name for name in ROLES if name in names)


def run(args: Namespace) -> int:
    """Serve until stopped."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    home = Home(args.data)
    settings = settings_of(home)
    if args.port is not None:
        gateway = msgspec.structs.replace(settings.gateway, port=args.port)
        settings = msgspec.structs.replace(settings, gateway=gateway)
    asyncio.run(_serve(home, settings, args.roles))
    return 0


async def _serve(home: Home, settings: Settings, roles: Sequence[str]) -> None:
    def ready(address: str) -> None:
        if "page" in roles:
            print(f"Page     {address}/en  {address}/fr")
        print(f"Metrics  {address}/metrics")
        if "gateway" in roles:
            print(f"Events   POST {address}/events, token in {home.data / 'token'}")
        print("Stop with Ctrl-C.", flush=True)

    await Server(home, settings, roles).run(ready)
