"""What the page shows, as values already in words: a pure function of one board."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from schemas.board import Board, Figure, QueueNow
from schemas.departments import department
from schemas.instants import SECOND
from schemas.measures import MEASURES
from schemas.measures.funnel import SUMS
from streams.gateway import typography
from streams.gateway.messages import MESSAGES, say
from streams.gateway.typography import Language

UNEXPLAINED = "funnel.unexplained"  # below the funnel: what others counted and we did not
RATES = ("answer.rate", "answer.live_rate", "answer.callback_rate", "access.rate")
WAITS = ("wait.median", "wait.p90", "wait.longest", "wait.mean")
#: What a department has beside the phone: measures by the one that says whether it has any.
OTHERS = {
    "email.received": ("email.received", "email.answered", "email.open"),
    "parliamentary.received": (
        *("parliamentary.received", "parliamentary.answered", "parliamentary.open"),
    ),
    "web.tasks": ("web.tasks",),
    "survey.questionnaires": ("survey.answered",),
    "escalation.raised": ("escalation.raised",),
    "agent.occupancy": ("agent.occupancy",),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A measure by its public name, its figure in words, and the counts behind it."""

    measure: str
    name: str
    meaning: str
    figure: str
    known: bool
    count: str = ""
    share: str = "0"


@dataclass(frozen=True, slots=True)
class Block:
    """A total of the funnel and its parts; `adds_up` is null while one of them is unknown."""

    total: Line
    parts: list[Line]
    adds_up: bool | None


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue now."""

    name: str
    language: str
    waiting: str
    longest: str
    connected: str


@dataclass(frozen=True, slots=True)
class Department:
    """One section of the page.

    Attributes:
        known: whether it is one; else it is of events that do not say whose they are.
        carrier: whether a carrier declared how many arrived today.
        others: every other channel and the agents, as far as there is anything of them.
        pending: how many callbacks are; empty for none.
    """

    anchor: str
    name: str
    known: bool
    as_of: str
    queues: list[Queue]
    rates: list[Line]
    waits: list[Line]
    funnel: list[Block]
    unexplained: Line
    carrier: bool
    others: list[Line]
    pending: str


@dataclass(frozen=True, slots=True)
class View:
    """The page; `as_of` is empty before the first event."""

    as_of: str
    departments: list[Department]


def view(board: Board, language: Language) -> View:
    """The board in words; departments by name, the unknown one last and only if it has any."""
    names = {f.dimensions.get("department") for f in board.today if _says_something(f)}
    names |= {queue.department for queue in board.queues}
    ordered = sorted(names, key=lambda name: (name is None, name or ""))
    departments = [_Desk(board, name, language).section(n) for n, name in enumerate(ordered, 1)]
    return View(_as_of(board, language), departments)


def _says_something(figure: Figure) -> bool:
    """Whether a department is to be shown for a figure: an unknown one only for what it counts."""
    return figure.dimensions.get("department") is not None or bool(figure.numerator)


def _as_of(board: Board, language: Language) -> str:
    if board.as_of_ms is None:
        return ""
    if board.today:
        return _moment(board.today[0], language)
    return _said(datetime.fromtimestamp(board.as_of_ms / SECOND, UTC), "UTC", language)


def _moment(figure: Figure, language: Language) -> str:
    return _said(datetime.fromisoformat(figure.as_of), figure.period.zone, language)


def _said(moment: datetime, zone: str, language: Language) -> str:
    time, day = typography.clock(moment, language), typography.date(moment, language)
    as_of = say(language, "as_of", time=time, date=day)
    return f"{as_of} {say(language, 'zone', zone=zone)}"


class _Desk:
    """The figures of one department, looked up by measure."""

    def __init__(self, board: Board, name: str | None, language: Language) -> None:
        self._name, self._language = name, language
        self._carrier = name in board.carriers
        self._queues = [queue for queue in board.queues if queue.department == name]
        self._figures = {
            f.measure: f for f in board.today if f.dimensions.get("department") == name
        }

    def section(self, place: int) -> Department:
        first = next(iter(self._figures.values()), None)
        pending = self._figures.get("callback.pending")
        return Department(
            anchor=f"d{place}",
            name=self._title(first),
            known=self._name is not None,
            as_of=_moment(first, self._language) if first else "",
            queues=[self._queue(queue) for queue in sorted(self._queues, key=_order)],
            rates=[self._line(measure) for measure in RATES],
            waits=[self._line(measure) for measure in WAITS],
            funnel=[self._block(total, parts) for total, parts in SUMS],
            unexplained=self._line(UNEXPLAINED),
            carrier=self._carrier,
            others=list(self._others()),
            pending=self._number(pending.numerator) if pending and pending.numerator else "",
        )

    def _others(self) -> Iterator[Line]:
        for sign, measures in OTHERS.items():
            figure = self._figures.get(sign)
            if figure and (figure.numerator or figure.denominator):
                yield from map(self._line, measures)

    def _title(self, figure: Figure | None) -> str:
        """The department's public name on the day shown; its id where none is listed."""
        if self._name is None:
            return say(self._language, "unknown_department")
        day = datetime.fromisoformat(figure.as_of).date() if figure else date.max
        row = department(self._name, day)
        if row is None:
            return self._name
        return row.en if self._language == "en" else row.fr

    def _queue(self, queue: QueueNow) -> Queue:
        return Queue(
            name=queue.queue or say(self._language, "unknown_queue"),
            language=self._tongue(queue.language),
            waiting=self._number(queue.waiting),
            longest=self._longest(queue),
            connected=self._number(queue.connected),
        )

    def _tongue(self, code: str | None) -> str:
        key = f"language_{code}"
        return say(self._language, key) if key in MESSAGES else code or ""

    def _longest(self, queue: QueueNow) -> str:
        if queue.longest_wait_ms is not None:
            return typography.duration(queue.longest_wait_ms)
        return "–" if not queue.waiting else self._unknown()

    def _block(self, total: str, parts: Sequence[str]) -> Block:
        whole, counts = self._count(total), [self._count(part) for part in parts]
        known = [count for count in counts if count is not None]
        adds_up = sum(known) == whole if len(known) == len(counts) and whole is not None else None
        lines = [self._line(f"funnel.{name}") for name in (total, *parts)]
        return Block(lines[0], lines[1:], adds_up)

    def _count(self, term: str) -> int | None:
        figure = self._figures.get(f"funnel.{term}")
        return figure.numerator if figure else None

    def _line(self, measure: str) -> Line:
        row, figure = MEASURES[measure], self._figures.get(measure)
        words = row.en if self._language == "en" else row.fr
        shown = self._shown(figure)
        return Line(
            measure,
            typography.spaced(words.name, self._language),
            typography.spaced(words.text, self._language),
            shown or self._unknown(),
            bool(shown),
            self._parts(figure),
            self._share(figure),
        )

    def _shown(self, figure: Figure | None) -> str:
        if figure is None or figure.value is None:
            return ""
        if figure.unit == "%":
            return typography.percent(figure.value, self._language)
        if figure.unit == "s":
            return typography.seconds(figure.value)
        return typography.number(figure.value, self._language)

    def _parts(self, figure: Figure | None) -> str:
        if figure is None or figure.numerator is None or figure.denominator is None:
            return ""
        above, below = self._number(figure.numerator), self._number(figure.denominator)
        return say(self._language, "of", numerator=above, denominator=below)

    def _share(self, figure: Figure | None) -> str:
        """The bar's length in hundredths of those who arrived."""
        arrived = self._count("arrived")
        if figure is None or not figure.numerator or not arrived:
            return "0"
        return f"{min(100 * figure.numerator / arrived, 100):.2f}"

    def _number(self, value: int) -> str:
        return typography.number(value, self._language)

    def _unknown(self) -> str:
        return say(self._language, "unknown")


def _order(queue: QueueNow) -> tuple[str, str]:
    return queue.queue or "\uffff", queue.language or ""
