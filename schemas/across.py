"""What is known of a contact only from other contacts: the rows of the second fold.

The words are normative, as those of `schemas.record`. Every row belongs to one contact (its
`contact_id`) and carries that contact's dimensions. Departments are never mixed: contacts of
another department (null being one of its own) are none of the "contacts" below.
"""

from __future__ import annotations

from msgspec import Struct

from schemas.instants import HOUR, MINUTE

NEIGHBOURS = 30 * MINUTE  # how far apart in queue entry a neighbour may be
REPEAT_WINDOW = 168 * HOUR
REPRESENTATIVE = 5  # contacts of one caller key in 24 hours, above which it is shown apart
DAY_LONG = 24 * HOUR


class Fidelity(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Was a callback made when the caller would have been answered (`docs/definitions.md` 4)?

    One row for every phone contact with a `callback_accepted_ms` and a `queued_ms`, unless its
    `callback_cancelled_by` is `customer`.

    arrived_ms, accepted_ms, entered_ms, attempted_ms, connected_ms: the contact's
        `arrived_ms`, `callback_accepted_ms`, `queued_ms`, `callback_attempted_ms`,
        `callback_connected_ms`.
    neighbours: the contacts whose place is `answered`, with the same queue, skill, language and
        priority (null equals null) and the same opening session of the department at their
        `queued_ms` (`schemas.hours.session`), whose `queued_ms` is at most 30 minutes
        from `entered_ms`. They are ordered by (`queued_ms`, `contact_id`); the contact itself
        stands among them by (`entered_ms`, `contact_id`).
    before_contact, before_ms: of the last neighbour before it, its id and `exit_ms`; null
        without one.
    after_contact, after_ms: of the first neighbour after it, likewise.
    bracket: `both`, `before`, `after` or `none`, by the neighbours that there are.
    crossed: both, and `before_ms` > `after_ms`.
    lower_ms, upper_ms: with both, the smaller and the larger of the two; with one, `before_ms`
        is the lower and `after_ms` the upper, and the other is null.
    deviation_ms: of `attempted_ms`: below `lower_ms`, the (negative) difference to it; above
        `upper_ms`, the difference to it; else 0. Null without an attempt or a bracket.
    deviation_size_ms: the same without its sign.
    connected_deviation_ms, connected_size_ms: the same of `connected_ms`.
    """

    contact_id: str
    arrived_ms: int
    accepted_ms: int
    entered_ms: int
    attempted_ms: int | None = None
    connected_ms: int | None = None
    before_contact: str | None = None
    before_ms: int | None = None
    after_contact: str | None = None
    after_ms: int | None = None
    bracket: str
    crossed: bool = False
    lower_ms: int | None = None
    upper_ms: int | None = None
    deviation_ms: int | None = None
    deviation_size_ms: int | None = None
    connected_deviation_ms: int | None = None
    connected_size_ms: int | None = None


class Repeat(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Did a served caller come back, and how often had they tried (`docs/definitions.md` 5)?

    One row for every contact that was served: a phone contact with a `connected_ms`, or a
    message with a `responded_ms`.

    Two contacts are *of one caller* if their `caller` is equal, or the `caller_before` of the
    later one (by `arrived_ms`, then `contact_id`) is the `caller` of the earlier. A contact
    without a `caller` is of nobody's.

    arrived_ms: the contact's.
    ended_ms: of a phone contact with a `connected_ms`, its `finished_ms`, or without one its
        `last_ms`; of another, its message's `responded_ms`.
    known: whether it has a `caller`.
    representative: more than 5 contacts with the same `caller` (this one included) arrived in
        the 24 hours up to and including its arrival (from `arrived_ms` - 24 h, that instant
        excluded).
    repeated_ms, repeated_contact: the first by (`arrived_ms`, `contact_id`) of the contacts of
        one caller with it, phone or message, that arrived after `ended_ms` and at most 168 hours
        after it; whose `topic` is the same, or either is null; and that did not arrive while a
        callback was open: a contact with the same `caller` as the later one, other than it, has
        `callback_accepted_ms` <= its `arrived_ms`, and none of `callback_connected_ms`,
        `callback_cancelled_ms`, `callback_expired_ms` that is <= that `arrived_ms`. Null where
        there is none, or this one is not known.
    window_open: `as_of` is not after `ended_ms` + 168 hours.
    attempts: of a phone contact with a `connected_ms` that is known: the number of phone
        contacts, this one included, of one caller with it, that arrived in the 168 hours up to
        and including its arrival (from `arrived_ms` - 168 h, that instant excluded), and after
        the last earlier contact of them that was served (has a `connected_ms`), by
        (`arrived_ms`, `contact_id`). Null of others.
    """

    contact_id: str
    arrived_ms: int
    ended_ms: int
    known: bool = False
    representative: bool = False
    repeated_ms: int | None = None
    repeated_contact: str | None = None
    window_open: bool = False
    attempts: int | None = None
