"""The public: who contacts us, from where, in which language, and under which token."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import blake2b
from random import Random

from streams.simulator.parts import Shares
from streams.simulator.services import Service

OVERLAP = timedelta(days=7)  # in which a token comes with that of the quarter before
_PRIME = 2_654_435_761


class Caller:
    """Somebody who contacts us, and again if not served.

    Attributes:
        number: of the person; None where the call does not show it.
        wants: the queue, once it is known.
    """

    __slots__ = ("language", "number", "origin", "wants")

    def __init__(self, number: int | None, language: str, origin: str) -> None:
        self.number = number
        self.language = language
        self.origin = origin
        self.wants: str | None = None


class People:
    """The public of a department; a person keeps language and origin, whatever they do."""

    def __init__(self, department: str, seed: int, rng: Random) -> None:
        self._department, self._seed, self._rng = department, seed, rng
        self._key = self._key_before = b""

    def begin_day(self, today: date) -> None:
        """Keys of the tokens change with the fiscal quarter, which is one of the calendar."""
        first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
        before = first - timedelta(days=1)
        self._key = self._named(first)
        self._key_before = self._named(before) if today < first + OVERLAP else b""

    def _named(self, day: date) -> bytes:
        return f"{self._seed}/{day.year}/{(day.month - 1) // 3}".encode()

    def someone(self, service: Service) -> Caller:
        """Anyone of the public."""
        rng = self._rng
        if rng.random() >= service.known:
            return self._described(service, None, rng.random(), rng.random())
        number = int(rng.random() * service.callers)
        if service.represented and rng.random() < service.represented:
            number = -1 - int(rng.random() * service.representatives)
        mixed = number * _PRIME % 2**32
        return self._described(service, number, mixed / 2**32, mixed * _PRIME % 2**32 / 2**32)

    def _described(self, service: Service, number: int | None, one: float, two: float) -> Caller:
        language = "fr" if one < service.french else "en"
        if one >= 1 - service.other:
            language = "other"
        return Caller(number, language, pick(service.origins, two))

    def tokens(self, caller: Caller) -> tuple[str | None, str | None]:
        """What stands for a caller today, and under the key of the quarter before."""
        if caller.number is None:
            return None, None
        before = self._token(caller.number, self._key_before) if self._key_before else None
        return self._token(caller.number, self._key), before

    def _token(self, number: int, key: bytes) -> str:
        name = f"{self._department}/{number}".encode()
        return blake2b(name, key=key, digest_size=8).hexdigest()


def pick(shares: Shares, draw: float) -> str:
    """The name at a place between 0 and 1 of so many weights."""
    rest = draw * sum(weight for _, weight in shares)
    for name, weight in shares:
        rest -= weight
        if rest < 0:
            return name
    return shares[-1][0]
