"""What one process runs: roles, which have threads of their own, and one HTTP application."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

#: In the order in which they are stopped.
ROLES = ("gateway", "live", "archive", "merge", "page")


class Role(Protocol):
    """Work that goes on by itself from `start` until `stop`, such as a `streams.workers.Worker`."""

    @property
    def name(self) -> str:
        """What operators call it."""
        ...

    @property
    def trouble(self) -> str | None:
        """Why it cannot go on at present; None while it can."""
        ...

    @property
    def failure(self) -> Exception | None:
        """The error that ended it; None while it has not."""
        ...

    def start(self) -> None:
        """Begin."""
        ...

    def end(self) -> None:
        """Let what is at hand be the last."""
        ...

    def stop(self) -> None:
        """End, and wait until all is finished."""
        ...


@dataclass(frozen=True, slots=True)
class Process:
    """What one process runs.

    Attributes:
        roles: in the order in which they are stopped.
        application: what it answers over HTTP.
        held: what must be had for as long as it runs.
    """

    roles: list[Role]
    application: web.Application
    held: Callable[[], AbstractContextManager[None]] = nullcontext


def trouble_of(roles: list[Role]) -> str | None:
    """The first trouble of any of them."""
    return next((role.trouble for role in roles if role.trouble), None)
