"""JSON lines of CloudEvents: one event a line, checked as at the gateway's door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemas.admission import admit
from schemas.errors import Malformed
from streams.sources.port import Facts, Rejected, Settings, Tally, checked


@dataclass(frozen=True, slots=True)
class Events:
    """JSON lines of CloudEvents; `now` is the intake's clock in milliseconds."""

    now: int

    def read(self, lines: Iterable[bytes], name: str, tally: Tally) -> Iterator[Facts | Rejected]:
        """Each line's event, its bytes kept where its times are canonical already."""
        for number, line in enumerate(lines, 1):
            tally.read += 1
            try:
                facts = self._facts(checked(line), tally)
            except Malformed as error:
                yield tally.reject(name, number, error, line)
            else:
                if facts:
                    yield tally.accept(facts)

    def _facts(self, raw: bytes, tally: Tally) -> Facts:
        if not raw.strip():
            tally.left_out["blank line"] += 1
            return []
        event, value = admit(raw, self.now)
        tally.meets(event.subject)
        return [(event.subject, value)]


def source(settings: Settings) -> Events:
    """JSON lines of CloudEvents; uses `now`."""
    return Events(settings.now)
