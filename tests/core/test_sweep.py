"""What is folded when, of the files of a share, by hand."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.json import decode

from schemas.record import ContactRecord
from streams.core.sweep import sweep
from tests.core.examples import START, raw

LATER = START + 3_600_000


class Files:
    """Three files: of `a` the first and the last speak, of `b` the first, of `c` the second."""

    files = (
        [raw("contact.arrived", 0, "a"), raw("contact.arrived", 1, "b"), raw("ivr.left", 2, "b")],
        [raw("contact.arrived", 3, "c"), raw("contact.arrived", 9_999, "from tomorrow")],
        [raw("contact.ended", 4, "a", by="customer")],
    )

    def __len__(self) -> int:
        return len(self.files)

    def subjects(self, number: int) -> list[str]:
        return list(dict.fromkeys(map(_subject, self.files[number])))

    def values(self, number: int) -> Iterator[tuple[list[str], list[bytes]]]:
        """In two lots."""
        for lot in (self.files[number][:1], self.files[number][1:]):
            yield [*map(_subject, lot)], lot


def _subject(value: bytes) -> str:
    found: str = decode(value)["subject"]
    return found


def _swept(as_of: int) -> list[tuple[int, list[tuple[str, int, int | None]]]]:
    """By file: the contacts, of how many events, and when each ended."""
    found = []
    for number, folded in sweep(Files(), as_of):
        contacts = []
        for one, events in folded:
            assert isinstance(one, ContactRecord)
            contacts.append((one.contact_id, events, one.ended_ms))
        found.append((number, contacts))
    return found


def test_a_contact_is_folded_with_the_last_file_that_speaks_of_it() -> None:
    """And is whole then; one of which nothing has happened yet is left out."""
    assert _swept(LATER) == [
        (0, [("b", 2, None)]),
        (1, [("c", 1, None)]),
        (2, [("a", 2, START + 4_000)]),
    ]


def test_what_had_not_happened_yet_is_not_known() -> None:
    assert _swept(START + 2_500) == [(0, [("b", 2, None)]), (1, []), (2, [("a", 2, None)])]
