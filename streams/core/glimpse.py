"""As much of a contact as other contacts need to know of it, in a quarter of the memory.

The second fold holds all contacts at once. It reads either whole records or glimpses of them,
which have the same names for the same facts (`schemas.record`).
"""

from __future__ import annotations

from sys import intern
from typing import TypeVar

import msgspec
from msgspec import Struct

from schemas.record import ContactRecord


class Reply(Struct, gc=False):
    """What of a message counts here."""

    responded_ms: int | None = None


class Glimpse(Struct, kw_only=True, gc=False, tag="contact"):
    """Some fields of a `ContactRecord`, read from the same JSON."""

    contact_id: str
    last_ms: int
    arrived_ms: int
    department: str | None = None
    program: str | None = None
    queue: str | None = None
    channel: str | None = None
    language: str | None = None
    line: str | None = None
    origin: str | None = None
    caller: str | None = None
    caller_before: str | None = None
    skill: str | None = None
    priority: int | None = None
    topic: str | None = None
    place: str | None = None
    queued_ms: int | None = None
    exit_ms: int | None = None
    connected_ms: int | None = None
    finished_ms: int | None = None
    callback_accepted_ms: int | None = None
    callback_attempted_ms: int | None = None
    callback_connected_ms: int | None = None
    callback_cancelled_ms: int | None = None
    callback_cancelled_by: str | None = None
    callback_expired_ms: int | None = None
    message: Reply | None = None

    def __post_init__(self) -> None:
        """Keep one copy of what many contacts have in common: most of the memory otherwise."""
        self.department = self.department and intern(self.department)
        self.program = self.program and intern(self.program)
        self.queue = self.queue and intern(self.queue)
        self.channel = self.channel and intern(self.channel)
        self.language = self.language and intern(self.language)
        self.line = self.line and intern(self.line)
        self.origin = self.origin and intern(self.origin)
        self.caller = self.caller and intern(self.caller)
        self.caller_before = self.caller_before and intern(self.caller_before)
        self.skill = self.skill and intern(self.skill)
        self.topic = self.topic and intern(self.topic)
        self.place = self.place and intern(self.place)


class _Shift(Struct, gc=False, tag="shift"):
    """Kept beside contacts, and none of them."""


#: A contact in either form, and the form that a function of the second fold gives back as it got.
AnyContact = ContactRecord | Glimpse
Contact = TypeVar("Contact", ContactRecord, Glimpse)

PHONE = (None, "phone")  # a contact that names no channel is one by phone

_decode = msgspec.json.Decoder(Glimpse | _Shift).decode


def glimpse(record: bytes) -> Glimpse | None:
    """What is needed of a contact, from its record as JSON; None for a shift."""
    found = _decode(record)
    return found if isinstance(found, Glimpse) else None


def by_phone(contact: AnyContact) -> bool:
    """Whether it is a contact of the funnel."""
    return contact.channel in PHONE
