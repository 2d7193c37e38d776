"""A sample that anybody can draw again: shares of strata, and who is drawn."""

from __future__ import annotations

from hashlib import sha256
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import DeadLetter
from streams.core.figures import Ratio
from streams.core.fold import fold
from streams.core.sampling import Draw, Stratum, allocate, counted, in_numerator, number, outcome
from tests.core.examples import START, raw

SIZES = st.dictionaries(
    st.tuples(st.sampled_from("ab"), st.text("xyz", max_size=2)),
    st.integers(1, 10_000),
    min_size=1,
    max_size=12,
)
CONTACTS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.text("0123456789", min_size=1)),
    unique_by=lambda contact: contact[1],
    min_size=1,
    max_size=60,
)


@given(SIZES, st.integers(0, 20_000))
def test_every_stratum_gets_something_and_no_more_than_it_has(
    sizes: dict[Stratum, int], more: int
) -> None:
    n = len(sizes) + more
    shares = allocate(sizes, n)
    assert shares.keys() == sizes.keys()
    assert sum(shares.values()) == min(n, sum(sizes.values()))
    assert all(1 <= shares[name] <= size for name, size in sizes.items())


@given(SIZES, st.integers(0, 20_000))
def test_shares_are_proportional_but_for_less_than_one(
    sizes: dict[Stratum, int], more: int
) -> None:
    shares = allocate(sizes, len(sizes) + more)
    beyond_one = {name: size for name, size in sizes.items() if shares[name] > 1}
    total, given_to = sum(beyond_one.values()), sum(shares[name] for name in beyond_one)
    for name, size in beyond_one.items():
        assert abs(shares[name] * total - given_to * size) < 2 * total
    larger = sorted(sizes, key=lambda name: (sizes[name], shares[name]))
    assert [shares[name] for name in larger] == sorted(shares.values())


def test_shares_by_hand() -> None:
    # d would get half a contact and gets one; of the other nine, a is due 4.74, b 2.84, c 1.42
    sizes: dict[Stratum, int] = {("a",): 50, ("b",): 30, ("c",): 15, ("d",): 5}
    assert allocate(sizes, 10) == {("a",): 5, ("b",): 3, ("c",): 1, ("d",): 1}
    # of equal remainders the larger stratum comes first, then the first in order
    assert allocate({("a",): 1, ("b",): 3}, 2) == {("a",): 1, ("b",): 1}
    assert allocate({("b",): 3, ("a",): 3}, 3) == {("a",): 2, ("b",): 1}
    assert allocate({("a",): 3, ("b",): 9}, 6) == {("b",): 5, ("a",): 1}


def test_a_larger_sample_can_take_one_from_a_stratum() -> None:
    # the Alabama paradox: 3 %, 7 % and 90 %, of 49 and of 51
    sizes: dict[Stratum, int] = {("a",): 300, ("b",): 700, ("c",): 9_000}
    assert allocate(sizes, 49) == {("a",): 2, ("b",): 3, ("c",): 44}
    assert allocate(sizes, 51) == {("a",): 1, ("b",): 4, ("c",): 46}


def test_more_strata_than_contacts_are_refused() -> None:
    with pytest.raises(DeadLetter, match="2 contacts cannot be one of each of 3 strata"):
        allocate({("a",): 5, ("b",): 5, ("c",): 5}, 2)
    assert allocate({}, 2) == {}


def _drawn(contacts: list[tuple[str, str]], n: int, seed: str = "s") -> dict[Stratum, list[str]]:
    draw = Draw[str](seed, n)
    for stratum, contact in contacts:
        draw.add((stratum,), contact, contact)
    return draw.drawn()


def _digest(contact: str) -> str:
    return sha256(f"s:{contact}".encode()).hexdigest()


def test_of_each_stratum_the_smallest_digests_are_drawn_and_of_a_small_one_all() -> None:
    names = [str(n) for n in range(12)]
    contacts = [("a", name) for name in names[:9]] + [("b", name) for name in names[9:]]
    by_digest = sorted(names[:9], key=_digest)
    for order in (contacts, contacts[::-1]):
        assert _drawn(order, 4) == {("a",): by_digest[:3], ("b",): [min(names[9:], key=_digest)]}
        assert _drawn(order, 99) == {("a",): by_digest, ("b",): sorted(names[9:], key=_digest)}


@given(CONTACTS, st.integers(4, 60), st.randoms())
def test_the_order_of_contacts_does_not_matter(
    contacts: list[tuple[str, str]], n: int, random: Random
) -> None:
    shuffled = list(contacts)
    random.shuffle(shuffled)
    assert _drawn(contacts, n) == _drawn(shuffled, n)


@given(CONTACTS, st.integers(4, 60))
def test_the_smallest_digests_of_a_stratum_are_drawn(
    contacts: list[tuple[str, str]], n: int
) -> None:
    for (stratum,), drawn in _drawn(contacts, n).items():
        here = [contact for name, contact in contacts if name == stratum]
        here.sort(key=_digest)
        assert drawn == here[: len(drawn)]


@given(CONTACTS, st.integers(4, 60), st.integers(0, 20))
def test_a_larger_sample_holds_the_smaller_where_no_share_shrinks(
    contacts: list[tuple[str, str]], n: int, more: int
) -> None:
    smaller, larger = _drawn(contacts, n), _drawn(contacts, n + more)
    for stratum, drawn in smaller.items():
        common = min(len(drawn), len(larger[stratum]))
        assert drawn[:common] == larger[stratum][:common]


def test_the_number_is_that_of_any_tool() -> None:
    # printf '%s' 'seed:call-1' | sha256sum
    assert number("seed", "call-1") == (
        "4f960348ad840ef56c1f4fee857a7e074331a339ca1dadc8c4e061dada5e2272"
    )


def test_who_is_behind_a_figure_and_who_is_in_its_numerator() -> None:
    assert counted(Ratio(1, None))
    assert counted(Ratio(0, 1))
    assert counted(Ratio(1, 0))
    assert not counted(Ratio(0, None))
    assert not counted(Ratio(0, 0))
    assert not counted(Ratio(None, 0))  # a percentile of nothing
    assert (in_numerator(Ratio(1, 1)), in_numerator(Ratio(0, 1))) == ("yes", "no")


@pytest.mark.parametrize(
    ("events", "became"),
    [
        ([raw("queue.entered"), raw("agent.connected", 5)], "answered"),
        ([raw("queue.entered")], "waiting"),
        ([raw("email.received", channel="email")], "open"),
        ([raw("email.received"), raw("email.responded", 9)], "responded"),
        ([raw("email.received"), raw("email.excluded", 9, reason="spam")], "excluded"),
        ([raw("web.task_completed", tool="form")], "web"),
        ([raw("survey.invited", channel="fax", questionnaire="q")], "fax"),
        ([raw("agent.state_changed", agent="a", state="ready")], "open"),
        ([raw("agent.state_changed", agent="a", state="offline")], "ended"),
        ([raw("agent.state_changed", -100_000, agent="a", state="ready")], "unended"),
    ],
)
def test_what_became_of_it(events: list[bytes], became: str) -> None:
    folded = fold(events, START + 10_000)
    assert folded is not None
    assert outcome(folded) == became  # type: ignore[arg-type]
