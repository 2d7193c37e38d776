"""What the demo shows: every channel, the standards, the callbacks, the email that fell due."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date, timedelta

from rich.console import Console
from rich.table import Table

from schemas.board import Figure
from schemas.measures import MEASURES
from schemas.measures.funnel import SUMS
from streams.commands.callback import explained, wrong
from streams.commands.callback_story import told
from streams.commands.gate import words_of
from streams.commands.measures import ask_for
from streams.commands.standards import rows_of
from streams.gate.report import Asked
from streams.gate.run import gate
from streams.home import Home
from streams.recounting.recompute import Engine
from streams.runtimes.asking import Request
from streams.tables.definitions import in_force

_WIDTH = 112  # of tables; in a narrower terminal lines break, but no figure is cut
_FUNNEL = [f"funnel.{name}" for total, parts in SUMS for name in (total, *parts)]
_PHONE = (
    *dict.fromkeys(_FUNNEL),
    *("funnel.unexplained", "answer.rate", "answer.live_rate", "answer.callback_rate"),
    *("access.rate", "abandon.rate"),
    *("service_level.offered", "service_level.client_view", "wait.mean", "wait.p90"),
    *("handle.mean", "segment.entered", "segment.flow", "estimate.miss_mean", "transfer.count"),
    *("interpreter.joined", "interpreter.wait_mean", "resolution.first_exchange"),
    *("repeat.rate", "repeat.coverage", "persistence.mean"),
)
_OTHERS = (
    *("email.received", "email.answered", "email.excluded", "email.reopened", "email.open"),
    *("email.delay_business_mean", "email.lower_bound_business_mean"),
    *("parliamentary.received", "parliamentary.answered", "parliamentary.open"),
    *("parliamentary.delay_business_mean", "parliamentary.lower_bound_business_mean"),
    "web.tasks",
    *("survey.invited", "survey.response_rate", "survey.score_mean", "escalation.raised"),
    *("escalation.referral_mean", "topic.contacts", "agent.occupancy", "agent.utilisation"),
)
_CALLBACKS = (
    *("callback.offered", "callback.accepted", "callback.connected", "callback.orphaned"),
    *("callback.kept_promise", "fidelity.callbacks", "fidelity.missed", "fidelity.bracketed"),
    *("fidelity.one_sided", "fidelity.unbracketed", "fidelity.crossed", "fidelity.within_2"),
    *("fidelity.within_5", "fidelity.within_15", "fidelity.within_15.all", "fidelity.early_rate"),
    *("fidelity.late_rate", "fidelity.size_median", "fidelity.size_p90"),
)
_EMAIL = (
    *("email.received", "email.answered", "email.excluded", "email.open", "email.pending_3"),
    *("email.within_3", "email.within_3.all", "email.delay_business_p90"),
)
_CRISIS = ("funnel.arrived", "funnel.asked", "answer.rate", "access.rate", "wait.mean")


def show(home: Home, start: date, end: date, sent: int) -> bool:
    """Print what came of the days [start, end); whether live and SQL agree on everything."""
    console = Console(width=max(Console().width, _WIDTH), highlight=False)
    whole = Request(start, end, None, ("department",))
    live, by_sql = ask_for(home, whole, "live"), ask_for(home, whole, "sql")
    days = (end - start).days
    _table(console, f"Phone, {days} days from {start}; {sent:,} events sent", _PHONE, live, by_sql)
    _funnel(console, live)
    _table(console, "\nEvery other channel, and the desk", _OTHERS, live, by_sql)
    _crisis(console, home, start, end)
    _standards(console, home, start, end)
    _table(console, "\nCallbacks: as if they had stayed on the line?", _CALLBACKS, live, by_sql)
    _callback(console, home)
    _email(console, home, start)
    equal = live == by_sql
    said = "equal to the unit" if equal else "NOT EQUAL"
    console.print(f"\n{len(live):,} figures, live and by SQL: [bold]{said}[/bold].")
    passed = _gate(console, home, start, end)
    _where(console, home)
    return equal and passed


def _table(
    console: Console,
    title: str,
    measures: Sequence[str],
    live: Sequence[Figure],
    by_sql: Sequence[Figure],
) -> None:
    """Some measures by department, each live and by SQL."""
    departments = list(dict.fromkeys(str(figure.dimensions["department"]) for figure in live))
    console.print(f"{title}\n")
    table = Table(box=None, padding=(0, 1, 0, 0))
    for _ in range(2):
        table.add_column("", no_wrap=True)
    for department in departments:
        table.add_column(f"{department}\nlive", justify="right", no_wrap=True)
        table.add_column("\nSQL", justify="right", no_wrap=True)
    one, two = _by_place(live), _by_place(by_sql)
    for measure in measures:
        cells = [_said(found.get((d, measure))) for d in departments for found in (one, two)]
        table.add_row(measure, _unit(measure), *cells)
    console.print(table)


def _by_place(figures: Sequence[Figure]) -> dict[tuple[str, str], Figure]:
    return {(str(figure.dimensions["department"]), figure.measure): figure for figure in figures}


def _said(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return "unknown"
    return f"{figure.value:,}" if isinstance(figure.value, int) else figure.value


def _unit(measure: str) -> str:
    row = MEASURES[measure]
    return "" if row.kind == "count" else row.unit


def _funnel(console: Console, live: Sequence[Figure]) -> None:
    console.print("\nThe funnel closes:")
    figures = _by_place(live)
    for department in dict.fromkeys(department for department, _ in figures):
        for total, parts in SUMS:
            words = _sum(figures, department, total, parts)
            console.print(f"  {department:<5}{words}", soft_wrap=True)


def _sum(
    figures: dict[tuple[str, str], Figure], department: str, total: str, parts: Sequence[str]
) -> str:
    whole = figures[department, f"funnel.{total}"].numerator
    counts = [figures[department, f"funnel.{part}"].numerator or 0 for part in parts]
    terms = " + ".join(f"{part} {n:,}" for part, n in zip(parts, counts, strict=True))
    return f"{total} {whole:,} {'=' if whole == sum(counts) else 'IS NOT'} {terms}"


def _crisis(console: Console, home: Home, start: date, end: date) -> None:
    """The line that opened while everything ran has figures of its own."""
    request = Request(start, end, None, ("line",), _CRISIS)
    found = [f for f in ask_for(home, request, "live") if f.dimensions["line"] == "ircc-crisis"]
    words = ", ".join(f"{f.measure} {_said(f)} {_unit(f.measure)}".rstrip() for f in found)
    console.print(f"\nThe crisis line that opened on the way: {words}", soft_wrap=True)


def _standards(console: Console, home: Home, start: date, end: date) -> None:
    console.print("\nStandards of each department, over these days\n")
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("", "result", "value", "target", ""):
        table.add_column(name, justify="right" if name in {"value", "target"} else "left")
    for row in rows_of(home, start, end):
        if row.kind in {"standard", "none"}:
            shown = [f"{number} {row.unit}" if number else "" for number in (row.value, row.target)]
            table.add_row(row.id, row.result, *shown, "" if row.value else row.reason)
    console.print(table)


def _callback(console: Console, home: Home) -> None:
    """The furthest off at IRCC that can be judged on both sides, explained by its neighbours."""
    found = [row for row in wrong(home, worst=1_000)[0] if row.found != "orphaned"]
    both = [row for row in found if row.department == "ircc" and row.fidelity.bracket == "both"]
    if both:
        name = both[0].contact_id
        console.print(f"\nOne callback explained (vouch callback {name}):\n", soft_wrap=True)
        console.print(told(explained(home, name), "en"), soft_wrap=True)


def _email(console: Console, home: Home, start: date) -> None:
    """The messages of the first two days: their three business days are over."""
    end = start + timedelta(days=2)
    request = Request(start, end, None, ("department",), _EMAIL)
    live, by_sql = ask_for(home, request, "live"), ask_for(home, request, "sql")
    title = f"\nEmail received on {start} and the day after: the cohort that fell due"
    _table(console, title, _EMAIL, live, by_sql)


def _gate(console: Console, home: Home, start: date, end: date) -> bool:
    """Live, recounted by the core on Beam, and by SQL, before anything could be published."""
    words = f"{start}..{end}"
    request = Request(start, end, definitions=in_force(home.data))
    asked = Asked(
        period=words,
        start=start,
        end=end,
        whole=True,
        recount="beam local",
        definitions=request.definitions,
    )
    engine = Engine(workers=len(os.sched_getaffinity(0)))
    found = gate(home, request, asked, engine, lambda _: None, lambda _: None)
    console.print(f"\nThe gate (vouch gate {words}):\n")
    if found is None:
        return False
    console.print("\n".join(words_of(home.data, found)), soft_wrap=True)
    return found.report.mismatched == 0


def _where(console: Console, home: Home) -> None:
    data, vouch = home.data, os.path.relpath(sys.argv[0])  # as it was called: it may be in .venv
    words = f"""
Parquet   {home.archive}/data
          {vouch} verify archive --data {data}
SQL       {vouch} views --data {data}
          duckdb -init {data}/views.sql
Page      {data}/page.en.html, {data}/page.fr.html (as at 11:30 of the last day)
Metrics   {data}/metrics.txt (likewise)
Words     {vouch} definitions --html {data}
More      {vouch} standards, callback, reconcile, gaps, lines, calendar (each with --data {data})
Live      {vouch} run --data {data}
          then http://127.0.0.1:8780/en and http://127.0.0.1:8780/metrics"""
    console.print(words, soft_wrap=True)
