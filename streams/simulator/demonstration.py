"""Three departments as they might be on some days: what `vouch simulate` and the demo show."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from streams.simulator.demand import Demand, day
from streams.simulator.parts import (
    Aftermath,
    Callback,
    Handling,
    Mailroom,
    Menu,
    Queue,
    Team,
    Website,
)
from streams.simulator.services import Service, changed

CRISIS_FROM, CRISIS_DAYS = 3, 30  # days after the start, and how many
SURGE_FROM, SURGE = 3, 1.6
LONGER_HOURS = date(2020, 12, 31)

_MAIL_WEEK = (1.2, 1.05, 1.0, 1.0, 0.9, 0.45, 0.4)
_MAIL_DAY = day(7, 2, 4, 5.5, 5.5, 5, 4, 4.5, 4.5, 4, 3, 2, 2, 2, 1.5, 1, otherwise=0.4)
_WEB_DAY = day(7, 3, 5, 6, 6, 6, 6, 6, 5, 5, 4, 4, 5, 5, 4, 2, otherwise=0.5)
_MAIL = Demand(_MAIL_DAY, _MAIL_WEEK)
_WEB = Demand(_WEB_DAY, (1.1, 1.0, 1.0, 1.0, 1.0, 0.7, 0.6))
_FORMS = (("web_form", 7.0), ("mailbox", 3.0))

IRCC = Service(
    department="ircc",
    zone="America/Toronto",
    opens=8,
    closes=16,
    calls=Demand(day(7, 22, 66, 84, 82, 72, 62, 64, 58, 44, 18, 10, otherwise=2.5)),
    teams=(
        Team(
            name="immigration",
            staff=day(8, 3, 4, 5, 4, 3, 4, 5, 4, 1),
            queues=(
                Queue(
                    queue="permanent-residence-en",
                    program="permanent-residence",
                    language="en",
                    share=0.36,
                ),
                Queue(
                    queue="permanent-residence-fr",
                    program="permanent-residence",
                    language="fr",
                    share=0.11,
                    overflow=(600, "citizenship-fr"),
                ),
                Queue(queue="family-sponsorship", program="family-sponsorship", share=0.13),
            ),
        ),
        Team(
            name="citizenship",
            staff=day(8, 1, 3, 3, 3, 2, 3, 3, 3, 1),
            queues=(
                Queue(queue="citizenship-en", program="citizenship", language="en", share=0.31),
                Queue(queue="citizenship-fr", program="citizenship", language="fr", share=0.09),
            ),
        ),
    ),
    lines=20,
    capacity=8,
    patience=1200,
    other=0.08,
    menu=Menu(seconds=95, self_served=0.18, leaves=0.2, tasks=("application-status", "forms")),
    handling=Handling(talk=560, wrap_up=90),
    callback=Callback(above=600, until=16, room=8, accepted=0.5),
    aftermath=Aftermath(
        topics=(("application-status", 6), ("documents", 3), ("fees", 1)),
        kinds=(("urgent-travel", 5), ("member-of-parliament", 3), ("threat", 1)),
    ),
    mail=(
        Mailroom(
            channel="email",
            demand=_MAIL,
            intakes=_FORMS,
            programs=(("permanent-residence", 5), ("family-sponsorship", 2), ("citizenship", 3)),
            clerks=0.35,
            overtime=(200, 1.0),
        ),
        Mailroom(
            channel="parliamentary",
            demand=Demand(day(8, 1, 1.5, 1.5, 1.5, 1, 1, 1.5, 1, 0.5), (1, 1, 1, 1, 0.8, 0, 0)),
            intakes=(("mailbox", 6), ("phone", 3), ("fax", 1)),
            programs=(("permanent-residence", 6), ("family-sponsorship", 3), ("citizenship", 1)),
            clerks=0.45,
            seconds=1_200,
            acknowledged=None,
        ),
    ),
    web=Website(
        demand=_WEB,
        tools=(("application-status", 6), ("fees", 2), ("address-change", 2)),
        programs=(("permanent-residence", 6), ("citizenship", 4)),
    ),
)

ESDC = Service(
    department="esdc",
    zone="America/Toronto",
    opens=8,
    closes=17,
    calls=Demand(day(7, 15, 60, 66, 62, 54, 46, 50, 48, 42, 26, 10, otherwise=1.5)),
    teams=(
        Team(
            name="ei",
            staff=day(8, 4, 5, 5, 5, 4, 5, 5, 4, 3, 1),
            queues=(Queue(queue="ei", program="ei", share=0.6, overflow=(480, "general")),),
        ),
        Team(
            name="pensions",
            staff=day(8, 3, 4, 4, 4, 3, 4, 4, 3, 2, 1),
            queues=(Queue(queue="pensions", program="pensions", share=0.36),),
        ),
        Team(
            name="general",
            staff=day(9, 1, 1, 1, 1, 1, 1, 1),
            queues=(Queue(queue="general", program="ei", share=0.04),),
        ),
    ),
    lines=30,
    capacity=14,
    patience=1000,
    french=0.24,
    other=0.02,
    represented=0.02,
    menu=Menu(
        seconds=80, self_served=0.34, leaves=0.1, tasks=("claim-status", "report", "tax-slip")
    ),
    handling=Handling(talk=520, wrap_up=60),
    callback=Callback(above=420, until=16, promised=1.0, window=3600, by_estimate=0.5),
    aftermath=Aftermath(topics=(("claim", 5), ("payment", 4), ("tax-slip", 1))),
    authority="carrier",
    unseen=0.012,
    mail=(
        Mailroom(
            channel="email",
            demand=_MAIL.scaled(0.6),
            intakes=_FORMS,
            programs=(("ei", 6), ("pensions", 4)),
            clerks=1.15,
        ),
    ),
    web=Website(
        demand=_WEB,
        tools=(("claim-report", 7), ("direct-deposit", 3)),
        programs=(("ei", 7), ("pensions", 3)),
    ),
)

VAC = Service(
    department="vac",
    zone="America/Halifax",
    opens=8,
    closes=17,
    calls=Demand(
        day(8, 26, 30, 30, 27, 22, 26, 26, 22, 14, otherwise=0.6),
        (1.1, 1.0, 1.0, 1.0, 0.9, 0.15, 0.1),
    ),
    teams=(
        Team(
            name="veterans",
            staff=day(8, 4, 5, 5, 5, 4, 5, 5, 4, 3),
            queues=(Queue(queue="veterans", program="veterans", share=1),),
        ),
    ),
    lines=20,
    capacity=12,
    patience=600,
    french=0.3,
    urgent=0.06,
    callers=900,
    origins=(("CA-ON", 4), ("CA-NS", 3), ("CA-PE", 2), ("CA-QC", 2), ("CA-AB", 2)),
    menu=Menu(seconds=40, self_served=0.08, leaves=0.06, tasks=("payment-date",)),
    handling=Handling(talk=540, wrap_up=75, transferred=0),
    aftermath=Aftermath(topics=(("benefits", 6), ("claim", 3), ("travel", 1))),
    mail=(
        Mailroom(
            channel="email",
            demand=_MAIL.scaled(0.15),
            intakes=_FORMS,
            programs=(("veterans", 1),),
            clerks=0.4,
        ),
    ),
)

SERVICES = (IRCC, ESDC, VAC)
_EVENING = day(16, 2, 1, 1)  # agents of each team for the longer hours
_CRISIS = Team(
    name="crisis",
    staff=day(8, 1, 2, 2, 2, 1, 2, 2, 1),
    queues=(Queue(queue="crisis", program="crisis", share=0.12, line="ircc-crisis"),),
)


def demonstration(start: date) -> list[Service]:
    """The three departments; at IRCC a crisis line opens some days after the start."""
    opens = start + timedelta(days=CRISIS_FROM)
    ircc = changed([IRCC], LONGER_HOURS, _open_longer)
    ircc = changed(ircc, opens, lambda row: replace(row, teams=(*row.teams, _CRISIS)))
    ircc = changed(ircc, opens + timedelta(days=CRISIS_DAYS), _close_the_line)
    return [*ircc, ESDC, VAC]


def _open_longer(row: Service) -> Service:
    return replace(row, closes=19, teams=tuple(map(_work_late, row.teams)))


def _work_late(team: Team) -> Team:
    return replace(team, staff=tuple(map(max, zip(team.staff, _EVENING, strict=True))))


def _close_the_line(row: Service) -> Service:
    return replace(row, teams=tuple(team for team in row.teams if team != _CRISIS))


def surge(start: date) -> list[Service]:
    """The demonstration, with 60 % more calls everywhere from the fourth day on."""
    rows, since = demonstration(start), start + timedelta(days=SURGE_FROM)
    return [
        row
        for department in dict.fromkeys(row.department for row in rows)
        for row in changed([row for row in rows if row.department == department], since, _more)
    ]


def _more(row: Service) -> Service:
    return replace(row, calls=row.calls.scaled(SURGE))
