"""One callback in words, English or French, from the same facts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from schemas.across import NEIGHBOURS, Fidelity
from schemas.departments import zone_of
from schemas.instants import MINUTE
from schemas.periods import local
from schemas.record import ContactRecord
from streams.commands.callback_words import WORDS, minutes
from streams.gateway.typography import Language, clock, date, spaced

#: By the neighbours that there are: what is known of the right moment, and of a ring inside.
_KNOWN = {"both": "both", "before": "only_before", "after": "only_after", "none": "none"}
_INSIDE = {"both": "within", "before": "not_early", "after": "not_late"}


class Callback(NamedTuple):
    """A contact that accepted a callback, and all that is known of it.

    Attributes:
        fidelity: null where there is nothing to judge.
        before, after: its neighbours.
    """

    record: ContactRecord
    fidelity: Fidelity | None
    before: ContactRecord | None
    after: ContactRecord | None
    as_of: int


def told(callback: Callback, language: Language) -> str:
    """What happened, one sentence a line."""
    return "\n".join(_Teller(callback, language).lines())


class _Teller:
    def __init__(self, callback: Callback, language: Language) -> None:
        self._callback, self._language = callback, language
        self._zone = zone_of(callback.record.department)
        self._day = local(self._zone, callback.record.arrived_ms)[:10]

    def lines(self) -> Iterator[str]:
        found, record = self._callback, self._callback.record
        yield self._say("head", id=record.contact_id, **self._parts(found.as_of))
        key = "came_only" if record.queued_ms is None else "came"
        yield self._say(
            key,
            arrived=self._moment(record.arrived_ms),
            entered=self._at(record.queued_ms),
            accepted=self._at(record.callback_accepted_ms),
        )
        yield from self._unjudged() if found.fidelity is None else self._bracket(found.fidelity)
        yield from self._rung()
        yield self._window()
        yield from self._end()

    def _unjudged(self) -> Iterator[str]:
        record = self._callback.record
        by_caller = record.callback_cancelled_by == "customer"
        key = "by_caller" if by_caller else "not_queued"
        why = self._say(key, at=self._at(record.callback_cancelled_ms))
        yield self._say("unjudged", why=why)

    def _bracket(self, row: Fidelity) -> Iterator[str]:
        for key, other in (("before", self._callback.before), ("after", self._callback.after)):
            if other is not None:
                yield self._say(
                    key,
                    id=other.contact_id,
                    entered=self._at(other.queued_ms),
                    answered=self._at(other.exit_ms),
                )
        if row.crossed:
            yield self._say("crossed")
        key = _KNOWN[row.bracket]
        bounds = {"lower": self._at(row.lower_ms), "upper": self._at(row.upper_ms)}
        yield self._say(key, **bounds, apart=f"{NEIGHBOURS // MINUTE}")

    def _rung(self) -> Iterator[str]:
        record, row = self._callback.record, self._callback.fidelity
        if record.callback_attempted_ms is not None:
            how = self._deviation(row, row.deviation_ms) if row else ""
            yield self._say("attempted", at=self._at(record.callback_attempted_ms), how=how)
        elif row is not None:
            yield self._say("missed")

    def _window(self) -> str:
        record = self._callback.record
        if record.promise_from_ms is None or record.promise_until_ms is None:
            return self._say("no_window")
        void = "void" if record.callback_cancelled_by == "customer" else "undecided"
        since, until = self._at(record.promise_from_ms), self._at(record.promise_until_ms)
        kept = self._say(record.promise or void)
        return self._say("window", since=since, until=until, kept=kept)

    def _end(self) -> Iterator[str]:
        """What came of it: a connection, or why there is none."""
        record, row = self._callback.record, self._callback.fidelity
        if record.callback_connected_ms is not None:
            number = record.callback_connected_attempt
            how = self._deviation(row, row.connected_deviation_ms) if row else ""
            yield self._say(
                "connected",
                at=self._at(record.callback_connected_ms),
                attempt=self._say("attempt", number=str(number)) if number else "",
                how=how,
            )
            return
        yield self._say("unconnected")
        if record.callback_cancelled_ms is not None:
            by = self._say(record.callback_cancelled_by or "unknown")
            yield self._say("cancelled", at=self._at(record.callback_cancelled_ms), by=by)
        if record.callback_expired_ms is not None:
            yield self._say("expired", at=self._at(record.callback_expired_ms))
        if record.callback_pending:
            yield self._say("open")

    def _deviation(self, row: Fidelity, ms: int | None) -> str:
        if ms is None:
            return ""
        if ms == 0:
            return self._say(_INSIDE[row.bracket])
        return self._say("early" if ms < 0 else "late", by=minutes(abs(ms), self._language))

    def _at(self, ms: int | None) -> str:
        """The time of day, with the date where it is not that of the arrival."""
        if ms is None:
            return ""
        if local(self._zone, ms)[:10] != self._day:
            return self._moment(ms)
        return clock(self._local(ms), self._language)

    def _moment(self, ms: int) -> str:
        return self._say("moment", **self._parts(ms))

    def _parts(self, ms: int) -> dict[str, str]:
        moment = self._local(ms)
        return {"clock": clock(moment, self._language), "date": date(moment, self._language)}

    def _local(self, ms: int) -> datetime:
        return datetime.fromisoformat(local(self._zone, ms))

    def _say(self, key: str, **facts: str) -> str:
        words = WORDS[self._language]
        return spaced(words.get(key, key).format(**facts), self._language)
