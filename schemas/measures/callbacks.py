"""Callbacks: an outcome of a phone contact, never a channel (`docs/definitions.md` section 4)."""

from schemas.instants import SECOND
from schemas.measures.kinds import Measure, Term, Words
from schemas.measures.rows import count, mean, rank, share

_ACCEPTED = "callback_accepted_ms is not None"
_BY_CUSTOMER = "callback_cancelled_by == 'customer'"
_CONNECTED = "callback_connected_ms is not None and place != 'answered'"

TERMS = (
    Term("callback_offered", "callback_offered_ms is not None", moment="callback_offered_ms"),
    # All who accepted one, whatever came before; `callback_accepted` is a place in the funnel, of
    # those whose queueing it ended.
    Term("callback_accepted_ever", _ACCEPTED, moment="callback_accepted_ms"),
    Term("callback_declined", "callback_declined_ms is not None", moment="callback_declined_ms"),
    Term(
        "callback_attempted",
        f"{_ACCEPTED} and callback_attempted_ms is not None",
        moment="callback_attempted_ms",
    ),
    Term(
        "callback_attempts",
        f"{_ACCEPTED} and callback_attempted_ms is not None",
        "callback_attempts",
        "callback_attempted_ms",
    ),
    Term("callback_connected", _CONNECTED, moment="callback_connected_ms"),
    Term(
        "callback_connected_first",
        f"{_CONNECTED} and callback_connected_attempt == 1",
        moment="callback_connected_ms",
    ),
    Term("callback_wait", _CONNECTED, "wait_ms", "callback_connected_ms", spread=SECOND),
    Term("callback_pending", "callback_pending", moment="callback_accepted_ms"),
    Term(
        "callback_cancelled",
        f"{_ACCEPTED} and {_BY_CUSTOMER} and callback_connected_ms is None",
        moment="callback_cancelled_ms",
    ),
    Term(
        "callback_expired",
        f"{_ACCEPTED} and callback_expired_ms is not None",
        moment="callback_expired_ms",
    ),
    Term(
        "callback_orphaned",
        f"{_ACCEPTED} and callback_attempted_ms is None and not ({_BY_CUSTOMER})",
        moment="callback_accepted_ms",
    ),
    Term("promise_kept", "promise == 'kept'", moment="callback_accepted_ms"),
    Term("promise_judged", "promise is not None", moment="callback_accepted_ms"),
)


def _count(name: str, term: str, en: Words, fr: Words) -> Measure:
    return count(f"callback.{name}", "contacts", en, fr, term)


MEASURES = (
    _count(
        "offered",
        "callback_offered",
        Words("Callback offered", "Contacts that were offered a callback."),
        Words("Rappel offert", "Contacts à qui un rappel a été offert."),
    ),
    _count(
        "accepted",
        "callback_accepted_ever",
        Words("Callback accepted", "Contacts that accepted a callback."),
        Words("Rappel accepté", "Contacts qui ont accepté un rappel."),
    ),
    _count(
        "declined",
        "callback_declined",
        Words("Callback declined", "Contacts that declined a callback."),
        Words("Rappel décliné", "Contacts qui ont décliné un rappel."),
    ),
    _count(
        "attempted",
        "callback_attempted",
        Words("Called back", "Accepted, and rung at least once."),
        Words("Rappelés", "Rappel accepté et au moins une tentative."),
    ),
    count(
        "callback.attempts",
        "events",
        Words("Attempts to call back", "Rings, of contacts that accepted a callback."),
        Words("Tentatives de rappel", "Tentatives, pour les contacts ayant accepté un rappel."),
        "callback_attempts",
    ),
    _count(
        "connected",
        "callback_connected",
        Words(
            "Connected by callback",
            "Accepted, not answered live, and connected to an agent by callback.",
        ),
        Words(
            "Joints par rappel",
            "Rappel accepté, sans réponse en direct, et mise en communication avec un agent.",
        ),
    ),
    _count(
        "pending",
        "callback_pending",
        Words("Callback pending", "Accepted; not yet connected, cancelled or given up."),
        Words(
            "Rappel en attente",
            "Rappel accepté; ni mise en communication, ni annulation, ni renonciation.",
        ),
    ),
    _count(
        "cancelled",
        "callback_cancelled",
        Words("Callback cancelled", "Accepted, cancelled by the customer and never connected."),
        Words("Rappel annulé", "Accepté, annulé par le client et resté sans communication."),
    ),
    _count(
        "expired",
        "callback_expired",
        Words("Callback given up", "Accepted, then given up: a miss."),
        Words(
            "Rappel auquel on a renoncé",
            "Rappel accepté, auquel le centre a ensuite renoncé : un échec.",
        ),
    ),
    _count(
        "orphaned",
        "callback_orphaned",
        Words("Callback orphaned", "Accepted, never attempted, not cancelled by the customer."),
        Words("Rappel jamais tenté", "Accepté, jamais tenté, non annulé par le client."),
    ),
    share(
        "callback.offer_rate",
        "callback_offered",
        "queued",
        Words("Offer rate", "Offered a callback, of the queued."),
        Words("Taux d’offre", "Rappel offert, parmi les mis en file."),
    ),
    share(
        "callback.take_up",
        "callback_accepted_ever",
        "callback_offered",
        Words("Take-up", "Accepted, of those offered a callback."),
        Words("Taux d’acceptation", "Rappel accepté, parmi les rappels offerts."),
    ),
    share(
        "callback.first_attempt_success",
        "callback_connected_first",
        "callback_attempted",
        Words("First-attempt success", "Connected on the first ring, of those called back."),
        Words("Succès à la première tentative", "Joints au premier essai, parmi les rappelés."),
    ),
    share(
        "callback.eventual_success",
        "callback_connected",
        "callback_accepted_ever - callback_cancelled",
        Words(
            "Eventual success",
            "Connected by callback, of those accepted and not cancelled by the customer; a "
            "pending one counts as not yet connected.",
        ),
        Words(
            "Taux de succès final",
            "Joints par rappel, parmi les rappels acceptés et non annulés par le client; un "
            "rappel en attente n’est pas encore un succès.",
        ),
    ),
    mean(
        "callback.wait_mean",
        "callback_wait",
        "callback_connected",
        "s",
        Words("Wait by callback", "Mean wait from the first ask to the callback's connection."),
        Words(
            "Attente par rappel",
            "Attente moyenne de la première demande jusqu’à la communication par rappel.",
        ),
    ),
    rank(
        "callback.wait_p90",
        "callback_wait",
        90,
        "s",
        Words("Wait by callback, 90th percentile", "Nine in ten waited this long or less."),
        Words("Attente par rappel, 90e centile", "Neuf sur dix ont attendu ce temps ou moins."),
    ),
    share(
        "callback.kept_promise",
        "promise_kept",
        "promise_judged",
        Words(
            "Promise kept",
            "First attempt within the announced window, of promises that can be judged; only "
            "where a window was announced.",
        ),
        Words(
            "Promesse tenue",
            "Première tentative dans la plage annoncée, parmi les promesses vérifiables; "
            "seulement si une plage a été annoncée.",
        ),
    ),
)
