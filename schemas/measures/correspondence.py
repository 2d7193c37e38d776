"""The rows that hold for every kind of written message; `{0}` stands for the kind.

In ids and sums it is the kind's id, in names and texts what messages of it are called. Cohorts
are by receipt, and each mean delay has beside it the number still open and the lower bound
that includes their age (`docs/definitions.md` section 6).
"""

from schemas.instants import DAY
from schemas.measures.kinds import Words
from schemas.measures.rows import count, mean, rank, share

_COUNTS = (
    count(
        "{0}.received",
        "messages",
        Words("{0}: received", "{0} received in the period, by the instant our server had them."),
        Words(
            "{0} : reçus",
            "{0} reçus dans la période, selon l’instant de réception par notre serveur.",
        ),
    ),
    count(
        "{0}.acknowledged",
        "messages",
        Words(
            "{0}: acknowledged",
            "{0} that were sent an automatic acknowledgement, which stops no delay.",
        ),
        Words(
            "{0} : accusés de réception",
            "{0} ayant donné lieu à un accusé de réception automatique, qui n’arrête aucun délai.",
        ),
    ),
    count(
        "{0}.answered",
        "messages",
        Words(
            "{0}: answered",
            "{0} that a person sent a substantive reply to, excluded ones among them.",
        ),
        Words(
            "{0} : avec réponse",
            "{0} ayant reçu d’une personne une réponse de fond, y compris les exclus.",
        ),
    ),
    count(
        "{0}.excluded",
        "messages",
        Words(
            "{0}: excluded",
            "{0} taken out of the population of the standard, with reason and actor, answered or "
            "not.",
        ),
        Words(
            "{0} : exclus",
            "{0} retirés de la population visée par la norme, avec motif et auteur, avec ou sans "
            "réponse.",
        ),
    ),
    count(
        "{0}.reopened",
        "messages",
        Words(
            "{0}: reopened",
            "{0} in which the client wrote again at least once; each keeps its first receipt.",
        ),
        Words(
            "{0} : rouverts",
            "{0} pour lesquels le client a écrit de nouveau au moins une fois; la date de première "
            "réception demeure.",
        ),
    ),
    count(
        "{0}.open",
        "messages",
        Words("{0}: open", "{0} neither answered nor excluded at the cut-off: the backlog."),
        Words(
            "{0} : en attente",
            "{0} sans réponse ni exclusion au moment de référence : l’arriéré.",
        ),
    ),
    share(
        "{0}.exclusion_rate",
        "{0}.excluded",
        "{0}.received",
        Words("{0}: share excluded", "{0} that were excluded, of those received."),
        Words("{0} : part des exclus", "{0} exclus, parmi ceux qui ont été reçus."),
    ),
)

_DELAYS = (
    mean(
        "{0}.delay_mean",
        "{0}.delay",
        "{0}.answered",
        "days",
        Words(
            "{0}: mean delay",
            "{0}: mean time from receipt to the first substantive reply, in days of 24 hours: the "
            "sum over the answered ones, divided by their number.",
        ),
        Words(
            "{0} : délai moyen",
            "{0} : temps moyen de la réception à la première réponse de fond, en jours de 24 "
            "heures, soit la somme pour ceux qui ont une réponse, divisée par leur nombre.",
        ),
        beside=("{0}.open", "{0}.lower_bound_mean"),
    ),
    rank(
        "{0}.delay_p90",
        "{0}.delay_whole",
        90,
        "whole days",
        Words(
            "{0}: delay, 90th percentile",
            "{0}: nine in ten of the answered ones were answered after this many whole days of 24 "
            "hours or fewer.",
        ),
        Words(
            "{0} : délai, 90e centile",
            "{0} : neuf sur dix de ceux qui ont une réponse l’ont reçue après ce nombre de jours "
            "entiers de 24 heures, ou moins.",
        ),
    ),
    mean(
        "{0}.delay_business_mean",
        "{0}.delay_business",
        "{0}.answered",
        "business days",
        Words(
            "{0}: mean delay in business days",
            "{0}: mean number of business days from receipt to the first substantive reply, "
            "receipt after closing counting as the next business day, which is day 0: the sum "
            "over the answered ones, divided by their number.",
        ),
        Words(
            "{0} : délai moyen en jours ouvrables",
            "{0} : nombre moyen de jours ouvrables de la réception à la première réponse de fond; "
            "une réception après la fermeture compte au jour ouvrable suivant, qui est le jour 0. "
            "C’est la somme pour ceux qui ont une réponse, divisée par leur nombre.",
        ),
        beside=("{0}.open", "{0}.lower_bound_business_mean"),
    ),
    rank(
        "{0}.delay_business_p90",
        "{0}.delay_business",
        90,
        "business days",
        Words(
            "{0}: delay in business days, 90th percentile",
            "{0}: nine in ten of the answered ones were answered after this many business days or "
            "fewer.",
        ),
        Words(
            "{0} : délai en jours ouvrables, 90e centile",
            "{0} : neuf sur dix de ceux qui ont une réponse l’ont reçue après ce nombre de jours "
            "ouvrables, ou moins.",
        ),
    ),
    mean(
        "{0}.working_mean",
        "{0}.working",
        "{0}.working_known",
        "working hours",
        Words(
            "{0}: mean delay in working hours",
            "{0}: mean opening time from receipt to the first substantive reply: the sum over the "
            "answered ones of which it is known, divided by their number.",
        ),
        Words(
            "{0} : délai moyen en heures ouvrables",
            "{0} : temps d’ouverture moyen de la réception à la première réponse de fond, soit la "
            "somme pour ceux qui ont une réponse et dont il est connu, divisée par leur nombre.",
        ),
        beside=("{0}.open", "{0}.lower_bound_business_mean"),
    ),
)

_BACKLOG = (
    mean(
        "{0}.lower_bound_mean",
        f"{{0}}.delay + {DAY:_} * {{0}}.age",
        "{0}.answered + {0}.open",
        "days",
        Words(
            "{0}: mean delay, lower bound with the open",
            "{0}: what the mean delay will be at least if the open ones are answered: the delays "
            "of the answered ones, plus the whole days of 24 hours that the open ones have waited "
            "so far, divided by the number of answered and open ones.",
        ),
        Words(
            "{0} : délai moyen, borne inférieure avec l’arriéré",
            "{0} : ce que sera au moins le délai moyen si ceux qui attendent reçoivent une "
            "réponse, soit les délais de ceux qui ont une réponse, plus les jours entiers de 24 "
            "heures déjà écoulés pour ceux qui attendent, divisés par le nombre des uns et des "
            "autres.",
        ),
    ),
    mean(
        "{0}.lower_bound_business_mean",
        "{0}.delay_business + {0}.age_business",
        "{0}.answered + {0}.open",
        "business days",
        Words(
            "{0}: mean delay in business days, lower bound with the open",
            "{0}: the business days from receipt to reply of the answered ones, plus those that "
            "the open ones have waited so far, divided by the number of answered and open ones.",
        ),
        Words(
            "{0} : délai moyen en jours ouvrables, borne inférieure avec l’arriéré",
            "{0} : les jours ouvrables de la réception à la réponse pour ceux qui en ont une, plus "
            "ceux déjà écoulés pour ceux qui attendent, divisés par le nombre des uns et des "
            "autres.",
        ),
    ),
    mean(
        "{0}.age_mean",
        "{0}.age",
        "{0}.open",
        "whole days",
        Words(
            "{0}: age of the open",
            "{0}: mean number of whole days of 24 hours since receipt: the sum over the open ones, "
            "divided by their number.",
        ),
        Words(
            "{0} : âge de l’arriéré",
            "{0} : nombre moyen de jours entiers de 24 heures depuis la réception, soit la somme "
            "pour ceux qui attendent, divisée par leur nombre.",
        ),
    ),
    rank(
        "{0}.age_p90",
        "{0}.age",
        90,
        "whole days",
        Words(
            "{0}: age of the open, 90th percentile",
            "{0}: nine in ten of the open ones were received this many whole days of 24 hours ago "
            "or fewer.",
        ),
        Words(
            "{0} : âge de l’arriéré, 90e centile",
            "{0} : neuf sur dix de ceux qui attendent ont été reçus il y a ce nombre de jours "
            "entiers de 24 heures, ou moins.",
        ),
    ),
    mean(
        "{0}.age_business_mean",
        "{0}.age_business",
        "{0}.open",
        "business days",
        Words(
            "{0}: age of the open in business days",
            "{0}: mean number of business days since receipt: the sum over the open ones, divided "
            "by their number.",
        ),
        Words(
            "{0} : âge de l’arriéré en jours ouvrables",
            "{0} : nombre moyen de jours ouvrables depuis la réception, soit la somme pour ceux "
            "qui attendent, divisée par leur nombre.",
        ),
    ),
)

FORMS = (*_COUNTS, *_DELAYS, *_BACKLOG)
