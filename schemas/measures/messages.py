"""Written messages, by email and of the parliamentary centre (`docs/definitions.md` section 6).

The same rows for both (`schemas.measures.correspondence`), but the shares within N business
days: no standard was set for the parliamentary centre, and none is invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from schemas.measures.correspondence import FORMS
from schemas.measures.kinds import Both, Measure, Term, Words
from schemas.measures.rows import count, share

DEADLINES = (1, 3, 5)  # business days
_ANSWERED = "responded_ms is not None"


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of message: its id, the test on the row, and what messages of it are called."""

    id: str
    is_it: str
    en: str
    fr: str

    def row(self, form: Measure) -> Measure:
        """A row of this kind, of the row for every kind."""
        return replace(
            form,
            id=form.id.format(self.id),
            numerator=form.numerator.format(self.id),
            denominator=form.denominator.format(self.id),
            beside=tuple(name.format(self.id) for name in form.beside),
            en=Words(form.en.name.format(self.en), form.en.text.format(self.en)),
            fr=Words(form.fr.name.format(self.fr), form.fr.text.format(self.fr)),
        )


_KINDS = (
    _Kind("email", "not parliamentary", "Emails", "Courriels"),
    _Kind("parliamentary", "parliamentary", "Parliamentary enquiries", "Messages parlementaires"),
)


def _terms(kind: _Kind) -> Iterator[Term]:
    def term(name: str, test: str, value: str = "", moment: str = "", spread: int = 0) -> Term:
        population = f"{kind.is_it} and {test}" if test else kind.is_it
        return Term(f"{kind.id}.{name}", population, value, moment, spread, "messages")

    yield term("received", "")
    yield term("acknowledged", "acknowledged_ms is not None", moment="acknowledged_ms")
    yield term("answered", _ANSWERED, moment="responded_ms")
    yield term("excluded", "excluded_ms is not None", moment="excluded_ms")
    yield term("reopened", "reopened > 0")
    yield term("open", "open")
    yield term("delay", _ANSWERED, "delay_ms")
    yield term("delay_whole", _ANSWERED, "elapsed_whole_days", spread=1)
    yield term("delay_business", _ANSWERED, "elapsed_days", spread=1)
    yield term("working_known", f"{_ANSWERED} and worked_ms is not None")
    yield term("working", f"{_ANSWERED} and worked_ms is not None", "worked_ms")
    yield term("age", "open", "elapsed_whole_days", spread=1)
    yield term("age_business", "open", "elapsed_days")


def _deadline_terms(days: int) -> Iterator[Term]:
    def term(name: str, test: str) -> Term:
        return Term(f"email.{name}", f"not parliamentary and {test}", relation="messages")

    met, past = f"{_ANSWERED} and elapsed_days <= {days}", f"elapsed_days > {days}"
    kept = "excluded_ms is None"
    yield term(f"within_{days}", f"{kept} and {met}")
    yield term(f"due_{days}", f"{kept} and ({_ANSWERED} or {past})")
    yield term(f"within_{days}.all", met)
    yield term(f"due_{days}.all", f"({_ANSWERED} or excluded_ms is not None or {past})")
    yield term(f"pending_{days}", f"open and elapsed_days <= {days}")


def _deadline(days: int) -> Iterator[Measure]:
    plural = "s" if days > 1 else ""
    en, fr = f"{days} business day{plural}", f"{days} jour{plural} ouvrable{plural}"
    met_en = (
        f"Emails that got a substantive reply before the closing of business day {days} after "
        "their receipt (day 0), "
    )
    met_fr = (
        f"Courriels ayant reçu une réponse de fond avant la fermeture du jour ouvrable {days} "
        "suivant leur réception (jour 0), "
    )
    yield share(
        f"email.within_{days}",
        f"email.within_{days}",
        f"email.due_{days}",
        Words(
            f"Emails: answered within {en}",
            f"{met_en}of those answered at whatever time, and those still open with more than "
            f"{en} gone; excluded messages, answered or not, are in neither.",
        ),
        Words(
            f"Courriels : réponse en {fr}",
            f"{met_fr}parmi ceux qui ont une réponse, quel qu’en soit le moment, et ceux qui "
            f"attendent depuis plus de {fr}; les messages exclus, avec ou sans réponse, ne "
            "comptent ni dans l’un ni dans l’autre.",
        ),
        exclusions=_EXCLUDED,
        beside=(f"email.within_{days}.all",),
    )
    yield share(
        f"email.within_{days}.all",
        f"email.within_{days}.all",
        f"email.due_{days}.all",
        Words(
            f"Emails: answered within {en}, exclusions not taken out",
            f"{met_en}of those answered or excluded at whatever time, and those still open with "
            f"more than {en} gone; an excluded message without a reply is a miss.",
        ),
        Words(
            f"Courriels : réponse en {fr}, exclusions non retirées",
            f"{met_fr}parmi ceux qui ont une réponse ou sont exclus, quel qu’en soit le moment, et "
            f"ceux qui attendent depuis plus de {fr}; un message exclu sans réponse est un échec.",
        ),
        beside=(f"email.within_{days}",),
    )
    yield count(
        f"email.pending_{days}",
        "messages",
        Words(
            f"Emails: {en} not yet over",
            f"Emails still open with no more than {en} gone: neither met nor missed yet.",
        ),
        Words(
            f"Courriels : délai de {fr} en cours",
            f"Courriels qui attendent depuis {fr} au plus : délai ni respecté ni manqué pour "
            "l’instant.",
        ),
    )


_EXCLUDED = Both(
    "excluded messages, with their reason and actor (email.excluded counts them)",
    "les messages exclus, avec motif et auteur (email.excluded les compte)",
)

TERMS = (
    Term("message.received", "True", relation="messages"),
    *(term for kind in _KINDS for term in _terms(kind)),
    *(term for days in DEADLINES for term in _deadline_terms(days)),
)

MEASURES = (
    count(
        "message.received",
        "messages",
        Words(
            "Written messages received",
            "Written messages received in the period, emails and parliamentary enquiries together; "
            "the category is how they reached us.",
        ),
        Words(
            "Messages écrits reçus",
            "Messages écrits reçus dans la période, courriels et messages parlementaires ensemble; "
            "la catégorie est leur mode d’arrivée.",
        ),
    ),
    *(kind.row(form) for kind in _KINDS for form in FORMS),
    *(row for days in DEADLINES for row in _deadline(days)),
)
