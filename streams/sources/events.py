"""JSON lines of CloudEvents: one event a line, checked as at the gateway's door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemas.admission import admit
from schemas.errors import Malformed
from streams.sources.port import LONGEST_LINE, Entry, Facts, Rejected, Settings, Tally


@dataclass(frozen=True, slots=True)
class Events:
    """JSON lines of CloudEvents; `now` is the intake's clock in milliseconds."""

    now: int

    def read(self, lines: Iterable[bytes], name: str, tally: Tally) -> Iterator[Facts | Rejected]:
        """Each line's event, its bytes kept where its times are canonical already."""
        for number, line in enumerate(lines, 1):
            tally.read += 1
            raw = line.rstrip(b"\r\n")
            if not raw.strip():
                tally.left_out["blank line"] += 1
                continue
            try:
                entry = self._entry(raw)
            except Malformed as error:
                yield tally.reject(name, number, error, raw)
                continue
            tally.meets(entry[0])
            yield tally.accept([entry])

    def _entry(self, raw: bytes) -> Entry:
        if len(raw) > LONGEST_LINE:
            raise Malformed("", "longer than 1 MiB, of which the first is kept")
        _check_encoding(raw)
        event, value = admit(raw, self.now)
        return event.subject, value


def _check_encoding(raw: bytes) -> None:
    """Fields that no schema knows are kept, so they must be text that can be read again."""
    try:
        raw.isascii() or raw.decode()
    except UnicodeDecodeError as error:
        raise Malformed("", "not UTF-8") from error


def source(settings: Settings) -> Events:
    """JSON lines of CloudEvents; uses `now`."""
    return Events(settings.now)
