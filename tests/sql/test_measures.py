"""Every measure has its SQL, and the SQL its figures."""

from __future__ import annotations

from dataclasses import astuple
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest

from schemas.errors import Stop
from schemas.instants import HOUR, MINUTE
from schemas.measures import MEASURES, Kind
from schemas.measures.kinds import quotient
from sinks.sql import Recomputation, text
from tests.sql.events import AS_OF, BASE, DAY, at, event, figures, fractions, table

ALL = tuple(MEASURES)


def test_every_measure_has_an_sql_file_and_every_file_a_measure() -> None:
    folder = files("schemas.sql").joinpath("measures")
    assert {entry.name for entry in folder.iterdir()} == {f"{name}.sql" for name in MEASURES}


@pytest.mark.parametrize("name", ALL)
def test_a_file_opens_with_its_measure_version_and_words(name: str) -> None:
    row = MEASURES[name]
    words = " ".join(
        line.removeprefix("--").strip() for line in text(f"measures/{row.id}").splitlines()
    )
    assert words.startswith(f"{row.id}, version {row.version}: {row.en.text}")


def test_nothing_gives_no_figure(tmp_path: Path) -> None:
    with Recomputation([], AS_OF) as recomputed:
        assert recomputed.figures(ALL, [DAY], {}, "UTC", ["queue"]) == []
        assert recomputed.figures(ALL, [], {}, "UTC", []) == []
        assert (recomputed.contacts(), recomputed.declarations()) == ([], [])
    with pytest.raises(Stop, match="cannot be recomputed"):
        Recomputation([tmp_path / "absent.parquet"], AS_OF)


def test_every_measure_answers_and_a_count_has_no_denominator() -> None:
    raws = [
        event("contact.arrived", 0),
        event("queue.entered", 1_000, queue="q"),
        event("estimate.announced", 2_000, seconds=60),
        event("callback.accepted", 3_000),
        event("survey.invited", 4_000, questionnaire="csat"),
        event("topic.assigned", 4_000, topic="passport"),
        event("escalation.raised", 4_000, kind="supervisor"),
        event("email.received", 0, "mail", intake="fax"),
        event("email.responded", 1_000, "mail"),
        event("web.task_completed", 0, "web", tool="portal"),
        event("agent.state_changed", 0, "shift", agent="a", state="ready"),
    ]
    found = {figure.measure: figure for figure in figures(raws, ALL)}
    assert set(MEASURES) - set(found) == {"funnel.unexplained"}  # nobody declared anything
    for name, figure in found.items():
        kind = MEASURES[name].kind
        assert (figure.denominator is None) is (kind is Kind.COUNT)
        ranked = kind is not Kind.PERCENTILE or figure.denominator
        assert (figure.numerator is None) is (not ranked)
        assert (figure.period_start_ms, figure.period_end_ms, figure.zone) == DAY


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((["answer.rat"], [], {}, "UTC", []), "unknown measure: answer.rat"),
        ((ALL, [], {}, "UTC", ["caller"]), "unknown dimension: caller"),
        ((ALL, [], {}, "UTC", [], "both"), "unknown attribution: both"),
    ],
)
def test_unknown_names_are_refused(arguments: tuple[object, ...], problem: str) -> None:
    with Recomputation([], AS_OF) as recomputed, pytest.raises(ValueError, match=problem):
        recomputed.figures(*arguments)  # type: ignore[arg-type]


def _asked(subject: str, ms: int = 0) -> list[bytes]:
    return [
        event("contact.arrived", ms, subject, channel="phone"),
        event("queue.entered", ms, subject, queue="q"),
    ]


def _worked_example() -> list[bytes]:
    """R=1000, X=200, Q=800, A=600, A_T=400, B=120, B_T=60, B_s=30, F=80, F_T=50."""
    outcomes = [
        (200, "contact.turned_away", 0, {"reason": "full"}),
        (399, "agent.connected", 5_000, {}),
        (1, "agent.connected", 20_000, {}),  # at T exactly: within
        (1, "agent.connected", 20_001, {}),
        (199, "agent.connected", 90_000, {}),
        (29, "queue.left", 3_000, {"how": "abandoned"}),
        (1, "queue.left", 9_999, {"how": "abandoned"}),
        (1, "queue.left", 10_000, {"how": "abandoned"}),  # no longer short
        (29, "queue.left", 20_000, {"how": "abandoned"}),
        (60, "queue.left", 20_001, {"how": "abandoned"}),
        (50, "callback.accepted", 15_000, {}),
        (20, "callback.accepted", 25_000, {}),
        (10, "queue.left", 15_000, {"how": "overflow"}),
    ]
    raws = []
    for row, (count, kind, ms, data) in enumerate(outcomes):
        for number in range(count):
            subject = f"{row}-{number}"
            raws += [event("contact.arrived", 0, subject, channel="phone")]
            raws += [event("agent.requested", 0, subject)]
            if kind != "contact.turned_away":
                raws += [event("queue.entered", 0, subject, queue="q")]
            raws += [event(kind, ms, subject, **data)]
    return raws


def test_service_level_worked_example() -> None:
    """`docs/definitions.md` section 2.1, with F_T all callbacks: as in formula 3."""
    published = {
        "answered_only": (400, 600, "66.67"),
        "abandons_positive": (460, 720, "63.89"),
        "left_queue": (510, 800, "63.75"),
        "offered": (400, 720, "55.56"),
        "short_excluded": (400, 690, "57.97"),
        "exits_included": (400, 800, "50.00"),
        "abandons_ignored": (400, 660, "60.61"),
        "abandons_negative": (400, 720, "55.56"),
        "client_view": (400, 1000, "40.00"),
    }
    names = [f"service_level.{name}" for name in published]
    found = fractions(_worked_example(), *names, "funnel.abandoned_short", "abandon.rate_long")
    assert found.pop("funnel.abandoned_short") == (30, None)
    assert found.pop("abandon.rate_long") == (90, 1000)
    for name, (numerator, denominator, percent) in published.items():
        assert found[f"service_level.{name}"] == (numerator, denominator)
        assert quotient(Kind.RATIO, "%", numerator, denominator) == percent


def test_short_is_below_ten_seconds_from_queue_entry() -> None:
    raws = []
    for subject, ms in (("a", 30_000 + 9_999), ("b", 30_000 + 10_000)):
        raws += [
            event("agent.requested", 0, subject),
            event("queue.entered", 30_000, subject, queue="q"),
            event("contact.ended", ms, subject, by="customer"),
        ]
    found = fractions(raws, "funnel.abandoned", "funnel.abandoned_short", "abandon.time_mean")
    assert found == {
        "funnel.abandoned": (2, None),
        "funnel.abandoned_short": (1, None),
        "abandon.time_mean": (19_999, 2),
    }


def test_the_funnel_closes_and_the_rates_rest_on_it() -> None:
    raws = [
        event("contact.turned_away", 0, "blocked", reason="blocked"),
        event("ivr.entered", 0, "menu"),
        event("ivr.entered", 0, "left"),
        event("contact.ended", 60_000, "left", by="customer"),
        event("ivr.entered", 0, "task"),
        event("ivr.self_served", 5_000, "task"),
        event("ivr.left", 59_999, "task"),
        event("contact.turned_away", 0, "closed", reason="closed"),
        *_asked("waiting"),
        *_asked("answered"),
        event("agent.connected", 9_000, "answered"),
        *_asked("back"),
        event("callback.accepted", 1_000, "back"),
        event("callback.attempted", 50_000, "back", number=1),
        event("callback.connected", 61_000, "back"),
        *_asked("gone"),
        event("queue.left", 1_000, "gone", how="abandoned"),
        *_asked("out"),
        event("contact.ended", 1_000, "out", by="system"),
    ]
    found = fractions(raws, *ALL)
    ones = "blocked_before_asking self_served left_in_ivr in_ivr turned_away answered abandoned "
    ones += "callback_accepted other_exit waiting abandoned_short turned_away.closed "
    ones += "other_exit.ended_by_system"
    assert {found[f"funnel.{name}"] for name in ones.split()} == {(1, None)}
    assert [found[f"funnel.{name}"][0] for name in ("arrived", "asked", "queued")] == [10, 6, 5]
    assert found["answer.rate"] == (2, 6)
    assert found["answer.live_rate"] == found["answer.callback_rate"] == (1, 6)
    assert found["access.rate"] == (3, 10)
    assert found["hangup.any"] == (2, 10)
    assert found["ivr.contained_task"] == (1, 10)
    assert found["ivr.contained_60s"] == (1, 10)
    assert found["ivr.time_mean"] == (60_000 + 59_999, 2)
    assert found["wait.mean"] == (9_000 + 61_000, 2)
    assert found["wait.live_mean"] == (9_000, 1)
    assert found["callback.wait_mean"] == (61_000, 1)
    assert found["callback.first_attempt_success"] == (1, 1)
    assert found["callback.offer_rate"] == (0, 5)
    assert found["callback.take_up"] == (1, 0)
    assert found["funnel.other_exit.timeout"] == (0, None)


@pytest.mark.parametrize("size", [1, 2, 3, 9, 10, 11, 19, 20, 21, 100, 101])
def test_percentiles_are_nearest_rank_over_floored_seconds(size: int) -> None:
    raws = []
    for rank in range(1, size + 1):
        raws += _asked(f"c{rank}")
        raws += [event("agent.connected", rank * 1_000 + 999, f"c{rank}")]
    found = fractions(raws, "wait.median", "wait.p90", "wait.longest")
    assert found == {
        "wait.median": (-(-size * 50 // 100), size),
        "wait.p90": (-(-size * 90 // 100), size),
        "wait.longest": (size, size),
    }


def test_the_rank_of_quantile_disc_is_exact_at_any_size() -> None:
    with duckdb.connect() as db:
        wrong = db.execute(
            "SELECT n, quantile_disc(i, 0.90), quantile_disc(i, 0.50)"
            "FROM range(1, 501) a(n) JOIN range(1, 501) b(i) ON i <= n GROUP BY n "
            "HAVING quantile_disc(i, 0.90) <> (n * 90 + 99) // 100 "
            "OR quantile_disc(i, 0.50) <> (n * 50 + 99) // 100"
        ).fetchall()
    assert wrong == []


def test_callback_measures() -> None:
    promise = {"promise_from": at(60_000), "promise_until": at(120_000)}
    raws = [
        *(event("callback.accepted", 1_000, name, **promise) for name in "abcde"),
        *(event("callback.offered", 500, name) for name in "abcdef"),
        event("callback.declined", 900, "f"),
        event("callback.attempted", 60_000, "a", number=1),
        event("callback.connected", 61_000, "a"),
        event("callback.attempted", 121_000, "b", number=1),
        event("callback.attempted", 131_000, "b", number=2),
        event("callback.connected", 141_000, "b"),
        event("callback.cancelled", 2_000, "c", by="customer"),
        event("callback.cancelled", 2_000, "d", by="system"),
        event("callback.expired", 2_000, "e"),
        event("agent.connected", 1_000, "live"),
        event("callback.accepted", 9_000, "live"),
        event("callback.connected", 99_000, "live"),
    ]
    names = [name for name in MEASURES if name.startswith("callback.")]
    found = {name.removeprefix("callback."): row for name, row in fractions(raws, *names).items()}
    assert found == {
        "offered": (6, None),
        "accepted": (6, None),
        "declined": (1, None),
        "attempted": (2, None),
        "attempts": (3, None),
        "connected": (2, None),  # the one answered live is counted there
        "pending": (0, None),
        "cancelled": (1, None),
        "expired": (1, None),
        "orphaned": (3, None),
        "offer_rate": (6, 6),
        "take_up": (6, 6),
        "first_attempt_success": (1, 2),
        "eventual_success": (2, 5),
        "wait_mean": (60_000 + 140_000, 2),
        "wait_p90": (140, 2),
        "kept_promise": (1, 4),
    }


def test_handling_measures() -> None:
    raws = [
        *(event("agent.connected", 0, name) for name in "abc"),
        *(event("contact.ended", 60_000, name, by="customer") for name in "ab"),
        event("hold.started", 10_000, "a"),
        event("hold.ended", 15_000, "a"),
        event("wrapup.started", 60_000, "a"),
        event("wrapup.ended", 90_000, "a"),
        event("transfer.completed", 20_000, "a"),
        event("transfer.completed", 20_001, "a"),
        # Never served: the call back answers nobody's acceptance.
        event("callback.connected", 0, "d"),
        event("transfer.completed", 10_000, "d"),
        event("hold.started", 10_000, "d"),
        event("hold.ended", 15_000, "d"),
        event("contact.ended", 60_000, "d", by="customer"),
        event("wrapup.started", 60_000, "d"),
        event("wrapup.ended", 90_000, "d"),
    ]
    found = fractions(raws, *ALL)
    assert found["talk.mean"] == (55_000 + 60_000, 2)
    assert found["talk.unknown"] == (1, None)
    assert found["hold.mean"] == (5_000, 1)
    assert found["hold.rate"] == (1, 2)
    assert found["after_call.mean"] == (30_000, 1)
    assert found["handle.mean"] == (60_000 + 30_000 + 60_000, 2)
    assert found["transfer.rate"] == (1, 3)
    assert found["transfer.count"] == (2, None)


def test_only_phone_contacts_are_counted_and_no_channel_is_phone() -> None:
    raws = [
        event("contact.arrived", 0, name or "none", channel=name)
        for name in ("phone", "email", None)
    ]
    assert fractions(raws, "funnel.arrived") == {"funnel.arrived": (2, None)}


def test_periods_zones_and_dimensions() -> None:
    raws = [
        event("contact.arrived", ms, f"{department}{ms}", department=department, language="fr")
        for department in ("A", "B", None)
        for ms in (0, HOUR - 1, HOUR)
    ]
    hours = [(BASE, BASE + HOUR, "east"), (BASE + HOUR, BASE + 2 * HOUR, "west")]
    overlapping = [*hours, (BASE, BASE + 2 * HOUR, "east")]
    with Recomputation(table(raws), BASE + HOUR) as recomputed:
        found = recomputed.figures(
            ["funnel.arrived"], overlapping, {"A": "east"}, "west", ["language", "department"]
        )
    counted = [
        ((start - BASE) // HOUR, (end - BASE) // HOUR, zone, dims, numerator)
        for _, start, end, zone, dims, numerator, _ in map(astuple, found)
    ]
    assert counted == [
        (0, 1, "east", ("fr", "A"), 2),
        (0, 2, "east", ("fr", "A"), 3),
        (1, 2, "west", ("fr", "B"), 1),
        (1, 2, "west", ("fr", None), 1),
    ]


def test_by_interval_counts_fall_where_they_happened_and_nothing_else_is_answered() -> None:
    raws = [*_asked("a", HOUR - 1_000), event("agent.connected", HOUR + 1_000, "a")]
    raws += [*_asked("b"), event("callback.accepted", 0, "b")]
    raws += [event("callback.attempted", HOUR + ms, "b", number=1) for ms in (0, 1)]
    hours = [(BASE + hour * HOUR, BASE + (hour + 1) * HOUR, "UTC") for hour in (0, 1)]
    names = ["funnel.answered", "funnel.queued", "answer.rate", "callback.attempts"]
    with Recomputation(table(raws), AS_OF + MINUTE) as recomputed:
        found = recomputed.figures(names, hours, {}, "UTC", [], "interval")
        cohort = recomputed.figures(names[:1], hours, {}, "UTC", [])
    assert [(f.measure, (f.period_start_ms - BASE) // HOUR, f.numerator) for f in found] == [
        ("funnel.answered", 0, 0),
        ("funnel.answered", 1, 1),
        ("funnel.queued", 0, 2),
        ("callback.attempts", 1, 2),
    ]
    assert [(f.period_start_ms, f.numerator) for f in cohort] == [(BASE, 1)]
