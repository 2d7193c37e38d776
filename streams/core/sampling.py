"""A stratified sample of contacts that anybody can draw again, with SHA-256 and nothing else.

Strata are sampled in proportion to their sizes (Cochran, *Sampling Techniques*, 3rd ed., 1977,
chapter 5), and shares are made whole by the method of largest remainders (Hamilton's; Balinski
and Young, *Fair Representation*, 2nd ed., 2001), with at least one contact for each stratum.
Within a stratum it is the contacts with the smallest numbers that are drawn, the number of a
contact being a digest of it and the seed: sequential sampling with permanent random numbers
(Ohlsson, "Coordination of samples using permanent random numbers", 1995). So the order in which
contacts come does not matter, and of two samples with one seed the larger holds the smaller in
every stratum whose share does not shrink.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from heapq import heappush, heappushpop
from typing import Generic, TypeVar

from schemas.errors import DeadLetter
from schemas.parts import Shift
from schemas.record import ContactRecord
from streams.core.figures import Ratio

#: The values by which contacts are told apart, one for each dimension; "" is unknown.
Stratum = tuple[str, ...]
Item = TypeVar("Item")
_DIGITS = 16


def number(seed: str, subject: str) -> str:
    """The number of a contact: SHA-256 of the seed, a colon and its id, in hexadecimal."""
    return sha256(f"{seed}:{subject}".encode()).hexdigest()


def counted(ratio: Ratio) -> bool:
    """Whether what a contact contributes is anything: it is in the denominator, or counted."""
    return bool(ratio.numerator or ratio.denominator)


def in_numerator(ratio: Ratio) -> str:
    """`yes` or `no`, for the strata of a ratio."""
    return "yes" if ratio.numerator else "no"


def outcome(folded: ContactRecord | Shift) -> str:
    """What became of a contact or shift, in one word.

    Of a phone contact, its place in the funnel; of a message whether it was answered; of a shift
    whether it was ended; of others, their channel.
    """
    if isinstance(folded, Shift):
        return "open" if folded.open else "unended" if folded.unended else "ended"
    if folded.place is not None:
        return folded.place
    if (message := folded.message) is not None:
        if message.responded_ms is not None:
            return "responded"
        return "open" if message.open else "excluded"
    return folded.channel or ""


def allocate(sizes: Mapping[Stratum, int], n: int) -> dict[Stratum, int]:
    """How many of `n` fall to each stratum, all of which hold something.

    A stratum to which less than one would fall gets one; the others share what is left by largest
    remainders. Of equal remainders the larger stratum comes first, then the first in order.

    Raises:
        DeadLetter: there are more strata than `n`.
    """
    if n >= sum(sizes.values()):
        return dict(sizes)
    if n < len(sizes):
        msg = f"{n} contacts cannot be one of each of {len(sizes)} strata: ask for more (--n)"
        raise DeadLetter(msg)
    rest, left = dict(sizes), n
    while small := [name for name, size in rest.items() if size * left < sum(rest.values())]:
        rest, left = {name: rest[name] for name in rest.keys() - small}, left - len(small)
    return {**dict.fromkeys(sizes, 1), **_by_largest_remainders(rest, left)}


def _by_largest_remainders(sizes: Mapping[Stratum, int], n: int) -> dict[Stratum, int]:
    total = sum(sizes.values())
    shares = {name: divmod(size * n, total) for name, size in sizes.items()}
    missing = n - sum(whole for whole, _ in shares.values())
    order = sorted(shares, key=lambda name: (-shares[name][1], -sizes[name], name))
    return {name: shares[name][0] + (name in order[:missing]) for name in shares}


class Draw(Generic[Item]):
    """Draws from contacts as they come, each once; keeps no more than can be drawn.

    Attributes:
        sizes: of the strata.
    """

    def __init__(self, seed: str, n: int) -> None:
        self.sizes: dict[Stratum, int] = {}
        self._seed, self._n = seed, n
        self._kept: dict[Stratum, list[tuple[int, str, Item]]] = {}  # heaps, the largest first

    def add(self, stratum: Stratum, subject: str, item: Item) -> None:
        """Take a contact into account."""
        self.sizes[stratum] = self.sizes.get(stratum, 0) + 1
        kept = self._kept.setdefault(stratum, [])
        lot = (-int(number(self._seed, subject), _DIGITS), subject, item)
        if len(kept) < self._n:
            heappush(kept, lot)
        else:
            heappushpop(kept, lot)

    def drawn(self) -> dict[Stratum, list[Item]]:
        """The sample, by stratum in order, the smallest numbers first.

        Raises:
            DeadLetter: as `allocate` does.
        """
        shares = allocate(self.sizes, self._n)
        return {
            name: [item for _, _, item in sorted(self._kept[name], reverse=True)[: shares[name]]]
            for name in sorted(shares)
        }
