"""The parts of a contact: what a contact can have several of, or need not have at all.

The words are normative, like those of `schemas.record`, whose reading rules hold here. Where a
part *ends with the first later* event of some kind, and there is none, the end and all that
rests on it are null. An event without the fact that its part needs (`seconds`, `questionnaire`,
`topic`, `kind`, `tool`; `agent` and `state` of a shift) begins no part; admission lets none in.
Instants and durations are milliseconds.
"""

from __future__ import annotations

from msgspec import Struct


class Segment(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One pass through a queue: one for every `queue.entered` of a phone contact.

    queue: its queue.
    entered_ms: its time.
    left_ms, how: of the first later event of these, and how it left by it: `agent.connected`:
        `answered`; `callback.accepted`: `callback`; `queue.entered`: `flow`; `queue.left`: its
        `how`; `contact.turned_away`: its `reason`; `contact.ended`: `abandoned` if by
        `customer`, else `ended_by_` + its `by`.
    wait_ms: `left_ms` - `entered_ms`.
    """

    queue: str | None = None
    entered_ms: int
    left_ms: int | None = None
    how: str | None = None
    wait_ms: int | None = None


class Estimate(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One announced wait: one for every `estimate.announced` of a phone contact.

    announced_ms, seconds: its time, and the wait that was told.
    actual_ms: `exit_ms` - `announced_ms`, where the contact's place is `answered` and the
        result is not negative.
    censored_ms: the same where the place is `abandoned`, `callback_accepted`, or `other_exit`
        for a reason other than `lost_sight`: the true wait would have been longer.
    error_ms: `seconds` * 1000 - `actual_ms`: positive where too long a wait was told.
    miss_ms: `error_ms` without its sign.
    """

    announced_ms: int
    seconds: int
    actual_ms: int | None = None
    censored_ms: int | None = None
    error_ms: int | None = None
    miss_ms: int | None = None


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The written message that a contact is: null without any event named `email.…`.

    parliamentary: whether the contact's channel is `parliamentary`.
    received_ms: time of the first `email.received`; where there is none, the contact's `first_ms`.
    intake: of the first `email.received` (null without one).
    acknowledged_ms: time of the first `email.acknowledged`.
    responded_ms: time of the first `email.responded` that comes after the first
        `email.received`; null without both.
    responses, reopened: number of `email.responded`, of `email.reopened`.
    excluded_ms, excluded_reason, excluded_actor: of the first `email.excluded`.
    open: neither responded nor excluded.
    until_ms: `responded_ms`; else `excluded_ms`; else `as_of`. Never before `received_ms`: then
        `received_ms`.
    delay_ms: `responded_ms` - `received_ms`.
    elapsed_days: business days from receipt to `until_ms`: the difference of their
        `schemas.business.number`, by the calendar of the contact's department. An instant at or
        after closing, or on a day that is not worked, counts as the next business day.
    elapsed_whole_days: whole days of 24 hours from `received_ms` to `until_ms`.
    worked_ms: opening time from `received_ms` to `responded_ms` (`schemas.business.worked`).
    """

    parliamentary: bool = False
    received_ms: int
    intake: str | None = None
    acknowledged_ms: int | None = None
    responded_ms: int | None = None
    responses: int = 0
    reopened: int = 0
    excluded_ms: int | None = None
    excluded_reason: str | None = None
    excluded_actor: str | None = None
    open: bool = False
    delay_ms: int | None = None
    elapsed_days: int
    elapsed_whole_days: int
    worked_ms: int | None = None


class Survey(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One questionnaire of a contact: one for every distinct `questionnaire` of its surveys.

    arrived_ms: the contact's: a survey speaks of the contact.
    invited_ms: time of the first `survey.invited` with it.
    answered_ms, score, scale, preferred: of the first `survey.answered` with it.
    """

    questionnaire: str
    arrived_ms: int
    invited_ms: int | None = None
    answered_ms: int | None = None
    score: int | None = None
    scale: int | None = None
    preferred: str | None = None


class Topic(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One for every distinct `topic` of the contact's `topic.assigned`.

    assigned_ms: time of the first that names it.
    """

    topic: str
    assigned_ms: int


class Escalation(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One for every `escalation.raised`.

    raised_ms, kind: its time and kind.
    referred_ms: time of the first later `escalation.referred` of the same kind.
    referral_ms: `referred_ms` - `raised_ms`.
    """

    raised_ms: int
    kind: str
    referred_ms: int | None = None
    referral_ms: int | None = None


class Task(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One for every `web.task_completed`: its time and tool."""

    done_ms: int
    tool: str


class Spell(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Some time of a shift in one state, within one quarter-hour (cut at its edges).

    from_ms: its start.
    spent_ms: its length, above 0.
    """

    state: str
    from_ms: int
    spent_ms: int


class Shift(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="shift"):
    """A spell of work of one agent: a subject of nothing but `agent.state_changed`.

    shift_id: the `subject`.
    revision, conflicting, first_ms, last_ms, and the dimensions: as of a contact; `queue` is
        that of the first event that carries one.
    agent: of the first event.
    spells: every `agent.state_changed` begins a state, which the next one ends; `offline` is no
        spell of work and is left out. The last state, unless it is `offline`, goes on until the
        last edge of a quarter-hour that is not after `as_of` (nothing, if that is before its
        start). If the shift is `silent`, the length of its last state is unknown and left out.
        Each is cut at the edges of quarter-hours; pieces of no length are left out.
    open: the last state is not `offline`, and the shift is not silent.
    unended: the last state is not `offline`, and the shift is silent.
    """

    shift_id: str
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
    agent: str
    spells: tuple[Spell, ...] = ()
    open: bool = False
    unended: bool = False
