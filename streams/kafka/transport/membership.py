"""What librdkafka writes of a membership in a group, and whether it is one."""

from __future__ import annotations

from struct import Struct

_HEAD = Struct("=7si")  # the form of what follows, and the generation, below 0 for none
_FORM = b"CGMDv2:"


def is_member(membership: bytes) -> bool:
    """Whether brokers will look at it: without a generation, they take it for a client of old.

    It is handed on as it is; but librdkafka has no other way to ask for the generation.
    """
    if len(membership) < _HEAD.size:
        return False
    form, generation = _HEAD.unpack_from(membership)
    return bool(form == _FORM and generation >= 0)
