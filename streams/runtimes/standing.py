"""How an open contact stands, as bytes: enough to go on without folding its events again."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import DecodeError, Struct
from msgspec.msgpack import Decoder, Encoder

from schemas.parts import Shift
from schemas.record import ContactRecord, Declaration
from streams.core.due import Due
from streams.core.state import Open
from streams.runtimes.store import Reach


class _Standing(Struct, array_like=True, gc=False):
    """One of the first three is there."""

    contact: ContactRecord | None
    shift: Shift | None
    declaration: Declaration | None
    due: Due
    reach: Reach


class Stood(NamedTuple):
    """A contact whose events are elsewhere, and where in the log they came."""

    contact: Open
    reach: Reach


_encode = Encoder().encode
_decode = Decoder(_Standing).decode


def standing(contact: Open, reach: Reach) -> bytes:
    """How a contact stands, without its events."""
    folded = contact.folded
    return _encode(
        _Standing(
            folded if isinstance(folded, ContactRecord) else None,
            folded if isinstance(folded, Shift) else None,
            folded if isinstance(folded, Declaration) else None,
            contact.due,
            reach,
        )
    )


def stood_at(packed: bytes) -> Stood:
    """The contact again.

    Raises:
        msgspec.MsgspecError: these are not such bytes.
    """
    found = _decode(packed)
    folded = found.contact or found.shift or found.declaration
    if folded is None:
        msg = "a contact that stands nowhere"
        raise DecodeError(msg)
    return Stood(Open(None, folded, found.due), found.reach)
