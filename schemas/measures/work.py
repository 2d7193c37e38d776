"""What contacts were about, what was passed upwards, and what was done with digital tools."""

from schemas.instants import SECOND
from schemas.measures.kinds import Term, Words
from schemas.measures.rows import count, mean, rank


def _escalation(name: str, population: str, value: str = "", spread: int = 0) -> Term:
    return Term(f"escalation.{name}", population, value, "", spread, "escalations")


_REFERRED = "referred_ms is not None"

TERMS = (
    Term("topic.contacts", "True", relation="topics"),
    _escalation("raised", "True"),
    Term("escalation.referred", _REFERRED, moment="referred_ms", relation="escalations"),
    _escalation("not_referred", "referred_ms is None"),
    _escalation("referral", _REFERRED, "referral_ms", SECOND),
    Term("web.tasks", "True", relation="tasks"),
)

MEASURES = (
    count(
        "topic.contacts",
        "contacts",
        Words(
            "Contacts by topic",
            "Contacts once for every distinct topic they were assigned, in the period of its "
            "first assignment; the category is the topic. A contact with two topics counts under "
            "each.",
        ),
        Words(
            "Contacts par sujet",
            "Contacts, une fois par sujet distinct attribué, dans la période de sa première "
            "attribution; la catégorie est le sujet. Un contact à deux sujets compte sous chacun.",
        ),
    ),
    count(
        "escalation.raised",
        "escalations",
        Words("Escalations", "Matters passed upwards; the category is the kind."),
        Words(
            "Transmissions à un niveau supérieur",
            "Affaires transmises à un niveau supérieur; la catégorie en est le genre.",
        ),
    ),
    count(
        "escalation.referred",
        "escalations",
        Words(
            "Escalations taken up",
            "Escalations after which a referral of the same kind was recorded.",
        ),
        Words(
            "Transmissions prises en charge",
            "Transmissions à un niveau supérieur suivies d’une prise en charge consignée du même "
            "genre.",
        ),
    ),
    count(
        "escalation.not_referred",
        "escalations",
        Words(
            "Escalations not taken up",
            "Escalations without a later referral of the same kind by the cut-off.",
        ),
        Words(
            "Transmissions non prises en charge",
            "Transmissions à un niveau supérieur sans prise en charge ultérieure du même genre au "
            "moment de référence.",
        ),
    ),
    mean(
        "escalation.referral_mean",
        "escalation.referral",
        "escalation.referred",
        "s",
        Words(
            "Time to referral",
            "Mean time from the escalation to its referral: the sum over the escalations taken "
            "up, divided by their number.",
        ),
        Words(
            "Délai de prise en charge des transmissions",
            "Temps moyen de la transmission à un niveau supérieur à sa prise en charge : la somme "
            "pour les transmissions prises en charge, divisée par leur nombre.",
        ),
    ),
    rank(
        "escalation.referral_p90",
        "escalation.referral",
        90,
        "s",
        Words(
            "Time to referral, 90th percentile",
            "Nine in ten of the escalations taken up were so within this time, in whole seconds.",
        ),
        Words(
            "Délai de prise en charge des transmissions, 90e centile",
            "Neuf transmissions prises en charge sur dix l’ont été en ce temps ou moins, en "
            "secondes entières.",
        ),
    ),
    count(
        "web.tasks",
        "tasks",
        Words(
            "Tasks completed with digital tools",
            "Every task completed with a digital tool; the category is the tool.",
        ),
        Words(
            "Opérations terminées en ligne",
            "Chaque opération terminée avec un outil numérique; la catégorie est l’outil.",
        ),
    ),
)
