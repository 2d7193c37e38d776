"""What follows once somebody was served: what agents write down, surveys, coming back."""

from __future__ import annotations

from schemas.event import Data
from schemas.instants import DAY, MINUTE
from streams.simulator.journal import Contact
from streams.simulator.parts import Aftermath
from streams.simulator.site import Site

_SCALE = 10
_MEAN, _SPREAD = 8.2, 1.8  # of the scores of those who did not wait


def close(site: Site, contact: Contact, channel: str, agent: str, waited: int) -> None:
    """Somebody was served after so many milliseconds; the agent writes down what it was."""
    rule = site.service.aftermath
    if rule is None:
        return
    if site.chance(rule.coded):
        topic = site.one_of(rule.topics)
        site.tell(contact, "topic.assigned", Data(topic=topic, agent=agent))
    settled = site.chance(rule.settled)
    if site.chance(rule.said):
        said = Data(at_first_exchange=settled, agent=agent)
        site.tell(contact, "contact.resolved", said)
    if site.chance(rule.escalated):
        _escalate(site, contact, rule, agent)
    if site.chance(rule.invited):
        site.after(site.some(2 * 60), _invite, contact, rule, channel, waited)
    if not settled and site.chance(rule.returns):
        site.again(contact.caller, rule.returned)


def _escalate(site: Site, contact: Contact, rule: Aftermath, agent: str) -> None:
    kind = site.one_of(rule.kinds)
    site.tell(contact, "escalation.raised", Data(kind=kind, agent=agent))
    if not site.chance(rule.unreferred):
        site.after(site.some(rule.referred), _refer, contact, kind)


def _refer(site: Site, contact: Contact, kind: str) -> None:
    site.tell(contact, "escalation.referred", Data(kind=kind))


def _invite(site: Site, contact: Contact, rule: Aftermath, channel: str, waited: int) -> None:
    questionnaire = f"satisfaction-{channel}"
    site.tell(contact, "survey.invited", Data(questionnaire=questionnaire))
    if site.chance(rule.replies):
        site.after(site.some(rule.replied), _reply, contact, rule, questionnaire, waited)


def _reply(site: Site, contact: Contact, rule: Aftermath, questionnaire: str, waited: int) -> None:
    """Who waited long (half an hour on the phone, ten days for a letter) is less content."""
    patience = 30 * MINUTE if questionnaire.endswith("phone") else 10 * DAY
    score = site.rng.gauss(_MEAN - 2 * waited / patience, _SPREAD)
    answer = Data(
        questionnaire=questionnaire,
        score=round(min(max(score, 0), _SCALE)),
        scale=_SCALE,
        preferred=site.one_of(rule.preferred),
    )
    site.tell(contact, "survey.answered", answer)
