"""What a source is: lines of a file in, facts out, and an account of every line.

A source is pure: it opens nothing and asks no clock. The same lines give the same bytes in
every run and in any order, so that importing a file again changes nothing.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from schemas.errors import Malformed

KEPT_EXAMPLES = 100
LONGEST_LINE = 2**20

Entry: TypeAlias = tuple[str, bytes]  # what a log appends: the contact id and the event
Facts: TypeAlias = list[Entry]  # all that one line says


class Rejected(NamedTuple):
    """A line that cannot be understood: a dead letter, with what is wrong and where."""

    file: str
    line: int
    field: str
    problem: str
    raw: bytes

    @property
    def reason(self) -> str:
        """The name under which it is counted."""
        return f"{self.field}: {self.problem}" if self.field else self.problem


class Tokens(Protocol):
    """What stands for a caller's number: a keyed hash, whose key changes from time to time.

    The same number and the same time always give the same tokens, whenever they are asked for.
    """

    def token(self, number: str, at_ms: int) -> str:
        """32 hexadecimal digits for a number, under the key of the period of an event's time.

        Raises:
            Stop: that key was destroyed.
        """
        ...

    def token_before(self, number: str, at_ms: int) -> str | None:
        """The same under the key of the period before; None when the key was not just changed.

        It shows that a caller of the days before is the same as one after the change.

        Raises:
            Stop: as `token` does.
        """
        ...


class OneKey:
    """Tokens under one key that never changes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, number: str, at_ms: int) -> str:
        """See `Tokens`."""
        return token_of(number, self._key)

    def token_before(self, number: str, at_ms: int) -> str | None:
        """See `Tokens`."""
        return None


def token_of(number: str, key: bytes) -> str:
    """HMAC-SHA-256 of a number, cut to 128 bits, in hexadecimal."""
    return hmac.digest(key, number.encode(), "sha256").hex()[:32]


class Settings(NamedTuple):
    """What a source may need to know; each takes what it uses.

    Attributes:
        now: the intake's clock, UTC milliseconds since 1970.
        key: the secret under which callers' numbers are hashed.
        zone: the time zone of local times; None is the zone of the source.
        name: what keeps the contacts of several systems of one kind apart; '' is the source's.
        department: of contacts in a file that names none; None is unknown.
        tokens: what stands for callers' numbers; without it, `key` does.
    """

    now: int
    key: bytes = b""
    zone: ZoneInfo | None = None
    name: str = ""
    department: str | None = None
    tokens: Tokens | None = None

    def callers(self) -> Tokens:
        """What stands for callers' numbers.

        Raises:
            ValueError: there is no key; without one, a hash of a number is soon undone.
        """
        if self.tokens is None and not self.key:
            msg = "callers' numbers need a key, under which they are hashed"
            raise ValueError(msg)
        return self.tokens or OneKey(self.key)


@dataclass(slots=True)
class Tally:
    """What became of every line: `read` = `accepted` + `left_out` + `rejected`, always.

    Attributes:
        read: lines read, headers and blank lines included.
        accepted: lines whose events were handed on.
        contacts: distinct contacts among them.
        events: events handed on.
        left_out: lines without facts, by reason; nothing is wrong with them.
        dirty: accepted lines that contradict themselves, by reason; a line may have several.
        rejected: lines that could not be understood, by reason.
        examples: the first of the rejected lines.
    """

    read: int = 0
    accepted: int = 0
    contacts: int = 0
    events: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    dirty: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    examples: list[Rejected] = field(default_factory=list)
    _seen: dict[str, int] = field(default_factory=dict)
    _variants: set[tuple[str, int]] = field(default_factory=set)
    _forgotten: int = 0

    @property
    def unaccounted(self) -> int:
        """Lines read of which nothing is known; anything but 0 is a defect of the source."""
        return self.read - self.accepted - self.left_out.total() - self.rejected.total()

    def accept(self, facts: Facts) -> Facts:
        """Count a line as accepted, and hand its facts on."""
        self.accepted += 1
        self.events += len(facts)
        return facts

    def reject(self, file: str, line: int, error: Malformed, raw: bytes) -> Rejected:
        """Count a line as rejected, and hand it on as a dead letter."""
        letter = Rejected(file, line, error.field, error.problem, raw)
        self.rejected[letter.reason] += 1
        if len(self.examples) < KEPT_EXAMPLES:
            self.examples.append(letter)
        return letter

    def meets(self, contact: str, content: Hashable = None) -> bool | None:
        """Whether a contact is new to this tally; None for the same content once more.

        Every new contact is counted. The answers may depend on the order of the lines, the
        number of each answer does not.
        """
        digest = hash(content)
        known = self._seen.setdefault(contact, digest)
        if len(self._seen) + self._forgotten > self.contacts:
            self.contacts += 1
            return True
        if known == digest or (contact, digest) in self._variants:
            return None
        self._variants.add((contact, digest))
        return False

    def forget(self, most: int) -> None:
        """Let go of the contacts met, if there are more; one that is met again counts again.

        So an account of what never ends stays small.
        """
        if len(self._seen) > most:
            self._forgotten += len(self._seen)
            self._seen.clear()
            self._variants.clear()


def checked(line: bytes) -> bytes:
    """A line without its end, if it is text of a reasonable length.

    Raises:
        Malformed: it is not UTF-8, or longer than `LONGEST_LINE`.
    """
    raw = line.rstrip(b"\r\n")
    if len(raw) > LONGEST_LINE:
        raise Malformed("", "longer than 1 MiB, of which the first is kept")
    try:
        raw.isascii() or raw.decode()
    except UnicodeDecodeError as error:
        raise Malformed("", "not UTF-8") from error
    return raw


class Source(Protocol):
    """A kind of file that facts can be read from."""

    def read(self, lines: Iterable[bytes], name: str, tally: Tally) -> Iterator[Facts | Rejected]:
        """What each line says: all its events together, or the line itself as a dead letter.

        Every event may enter the log as it is (`schemas.admission.admit` would not change
        it). `name` is the file's name in messages. Bad input never raises.
        """
        ...
