"""The contact record: what is known of one contact at an `as_of`, in words both readers share.

The words below are normative. The fold (`streams.core`) and the SQL (`schemas/sql`) are
written separately from them; their agreement is the proof of a figure.

Reading rules
-------------
* Only events whose time is not after `as_of` are read.
* Among events of one contact with the same (source, id), the one whose raw bytes have the
  smallest SHA-256 is kept. A (source, id) seen with different bytes counts once in
  `conflicting`.
* *Event order* is (time, source, sequence, id), each compared as text (the time of an event
  is text of fixed width, so that is the order of time); an absent sequence is ''.
* *First* and *later* always mean: in event order.
* `silent`: `as_of` is 12 hours or more after the contact's last event.
"""

from __future__ import annotations

from msgspec import Struct

from schemas.instants import HOUR, SECOND
from schemas.parts import Escalation, Estimate, Message, Segment, Survey, Task, Topic

SILENCE = 12 * HOUR
SHORT_ABANDON = 10 * SECOND
#: `category` is what each relation says it is (`schemas.relations`); of a contact it is null.
DIMENSIONS = (
    "department",
    "program",
    "queue",
    "channel",
    "language",
    "line",
    "origin",
    "category",
)
PLACES = (
    "blocked_before_asking",
    "self_served",
    "left_in_ivr",
    "in_ivr",
    "turned_away",
    "answered",
    "abandoned",
    "callback_accepted",
    "other_exit",
    "waiting",
)


class ContactRecord(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="contact"):
    """One contact. Instants and durations are milliseconds; null means unknown or never.

    Identity
        contact_id: the `subject` of its events.
        revision: number of distinct (source, id), so that a replay gives the same one.
        conflicting: how many (source, id) came with different bytes.
        first_ms, last_ms: time of the first and of the last event.

    Dimensions
        department, program, language, line, origin, caller, caller_before, skill, priority: of
            the first event that carries the field.
        channel: likewise; where no event carries one, `email` if there is an event named
            `email.…`, else `web` if there is a `web.task_completed`, else null.
        topic: of the last event that carries one.
        queue: of the first `queue.entered`, `agent.requested`, `contact.turned_away` or
            `agent.connected` that carries one; where there is none, of the first event that
            does.

    Arrival and menu
        arrived_ms: time of the first `contact.arrived`; where there is none, `first_ms`.
        ivr_ms: from the first `ivr.entered` to the first later `ivr.left` or
            `contact.ended`; null without both.
        self_served_ms: time of the first `ivr.self_served`.

    The funnel (of phone contacts: of any other channel than `phone`, a contact that names no
    channel being one by phone, all of it is null)
        asked_ms: time of the first of `agent.requested`, `queue.entered`, `queue.left`,
            `agent.connected`, `callback.accepted`, or `contact.turned_away` with a reason
            other than `blocked`.
        place: where the contact is in the funnel, exactly one of `PLACES`:
            Never asked: `blocked_before_asking` with a `contact.turned_away` (its reason is
            then `blocked`); else `self_served` if it did; else `left_in_ivr` once there is a
            `contact.ended` or it is silent; else `in_ivr`.
            Asked, with a `contact.turned_away` (of any reason) and none of `queue.entered`,
            `queue.left`, `agent.connected`, `callback.accepted`: `turned_away`.
            Otherwise it is queued, and its place is its exit: the first of
            (a) `agent.connected`: `answered`;
            (b) `callback.accepted`: `callback_accepted`;
            (c) `queue.left` with how `abandoned`: `abandoned`;
            (d) a `contact.ended` that comes after the event of `asked_ms`: `abandoned`
                if by `customer`, else `other_exit`;
            (e) a removal, which is a `queue.left` with a how other than `abandoned`,
                `answered`, `callback`, `flow`, or a `contact.turned_away` that does not come
                before the event of `asked_ms`, provided that no later `queue.entered`,
                `agent.connected` or `callback.accepted` follows it: `other_exit`.
            A contact with no exit is `other_exit` (lost sight of) if silent, else `waiting`.
        left_menu_ms: where the place is `left_in_ivr`, the time of the first `contact.ended`;
            without one, `last_ms` + 12 hours.
        turned_away_ms, turned_away_reason: of the first `contact.turned_away`, where the
            place is `turned_away` or `blocked_before_asking`.
        exit_ms: time of the exit; for a contact lost sight of, `last_ms` + 12 hours.
        exit_reason: where the place is `other_exit`: the `how` or the `reason` of the
            removal, `ended_by_` + the `by` of the `contact.ended`, or `lost_sight`.
        queued_ms: of a queued contact, the time of the first `queue.entered` that does not
            come after the exit; where there is none, `asked_ms`.
        queue_ms: `exit_ms` - `queued_ms`, of a queued contact with an exit that is not
            `lost_sight`.
        visits: number of `queue.entered`.

    Being served
        connected_ms: where the place is `answered`, `exit_ms`; else the time of the first
            `callback.connected` that comes after the first `callback.accepted`.
        wait_ms: `connected_ms` - `asked_ms`.
        finished_ms: where there is a `connected_ms`, the time of the first `contact.ended` that
            comes after the event it is the time of.
        interpreter_requested_ms: time of the first `interpreter.requested`.
        interpreter_joined_ms: time of the first `interpreter.joined` after it.
        interpreter_wait_ms: from the one to the other.
        resolved_first: `at_first_exchange` of the last `contact.resolved`; null without one.
        talk_ms, hold_ms: a leg of conversation starts with every `agent.connected` and
            `callback.connected` and ends with the first later `agent.connected`,
            `callback.connected`, `queue.entered` or `contact.ended`. A hold starts with
            every `hold.started` and ends with the first later `hold.ended`, `hold.started`
            or `contact.ended`. `hold_ms` is the sum of the holds, and `talk_ms` the sum of
            the legs less `hold_ms` (never below 0). Both are null without a leg, or if a
            leg or a hold has no end; without holds, `hold_ms` is 0.
        after_call_ms: sum over every `wrapup.started` of the time to the first later
            `wrapup.ended` or `wrapup.started`; null without one, or if one has no end.
        handle_ms: `talk_ms` + `hold_ms` + `after_call_ms`; a contact without any
            `wrapup.started` has no after-call time in the sum; null if `talk_ms` is null, or if
            there is a `wrapup.started` and `after_call_ms` is null.
        transfers: number of `transfer.completed`.
        ended_ms, ended_by: of the first `contact.ended`.

    Callback (an outcome of the contact, never a contact of its own)
        callback_offered_ms, callback_accepted_ms, callback_declined_ms,
        callback_attempted_ms, callback_cancelled_ms, callback_expired_ms: time of the first
            event of that name.
        callback_cancelled_by: its `by`.
        callback_attempts: number of `callback.attempted`.
        callback_connected_ms: time of the first `callback.connected` that comes after the
            first `callback.accepted`; null without one.
        callback_connected_attempt: number of `callback.attempted` that come before that
            `callback.connected`; null without one.
        promise_from_ms, promise_until_ms: of the first `callback.accepted`.
        callback_pending: accepted, and neither connected, cancelled nor expired.
        promise: null unless there was a promise (both bounds), nor if the callback was
            cancelled by the `customer`; `kept` if the first attempt lies within the bounds,
            both included; `broken` if it lies outside; with no attempt, `broken` if it
            expired or `as_of` is after `promise_until_ms`, else null.

    Parts (`schemas.parts`), each list in event order of the events that begin its parts (of
    distinct values, in the order of their first event)
        segments, estimates: of phone contacts only.
        message, surveys, topics, escalations, tasks: of any contact.

    A declaration (`control.total_declared`) is not a contact: a subject with nothing else has
    no record here. Neither is a shift: a subject with nothing but `agent.state_changed`. A
    subject with other events too is a contact, and declares nothing and is no shift: such events
    of it are like those of a type that nobody knows, and count in `revision`, the times and the
    dimensions.
    """

    contact_id: str
    revision: int
    conflicting: int = 0
    first_ms: int
    last_ms: int
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
    arrived_ms: int
    ivr_ms: int | None = None
    self_served_ms: int | None = None
    left_menu_ms: int | None = None
    asked_ms: int | None = None
    place: str | None = None
    turned_away_ms: int | None = None
    turned_away_reason: str | None = None
    exit_ms: int | None = None
    exit_reason: str | None = None
    queued_ms: int | None = None
    queue_ms: int | None = None
    visits: int = 0
    connected_ms: int | None = None
    wait_ms: int | None = None
    talk_ms: int | None = None
    hold_ms: int | None = None
    after_call_ms: int | None = None
    handle_ms: int | None = None
    finished_ms: int | None = None
    interpreter_requested_ms: int | None = None
    interpreter_joined_ms: int | None = None
    interpreter_wait_ms: int | None = None
    resolved_first: bool | None = None
    transfers: int = 0
    ended_ms: int | None = None
    ended_by: str | None = None
    callback_offered_ms: int | None = None
    callback_accepted_ms: int | None = None
    callback_declined_ms: int | None = None
    callback_attempted_ms: int | None = None
    callback_cancelled_ms: int | None = None
    callback_cancelled_by: str | None = None
    callback_expired_ms: int | None = None
    callback_attempts: int = 0
    callback_connected_ms: int | None = None
    callback_connected_attempt: int | None = None
    promise_from_ms: int | None = None
    promise_until_ms: int | None = None
    callback_pending: bool = False
    promise: str | None = None
    segments: tuple[Segment, ...] = ()
    estimates: tuple[Estimate, ...] = ()
    message: Message | None = None
    surveys: tuple[Survey, ...] = ()
    topics: tuple[Topic, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    tasks: tuple[Task, ...] = ()


class Declaration(Struct, frozen=True, kw_only=True, gc=False):
    """A total that somebody else counted: the last event in order of its subject."""

    subject: str
    of: str
    count: int
    start_ms: int
    end_ms: int
    attribution: str
    authority: str
    department: str | None = None
    program: str | None = None
    queue: str | None = None
    channel: str | None = None
    language: str | None = None
    line: str | None = None
    origin: str | None = None
