"""Did callers who were served come back, and how often had they tried (`docs/definitions.md` 5)?

Every share is over the contacts whose caller is known, and the coverage is published beside it.
"""

from functools import partial

from schemas.across import DAY_LONG, REPEAT_WINDOW, REPRESENTATIVE
from schemas.instants import HOUR
from schemas.measures.kinds import Both, Term, Words
from schemas.measures.rows import count, mean, rank, share

_PLAIN = "known and not representative"
_COUNTED = "attempts is not None and not representative"
_WEEK, _DAY = REPEAT_WINDOW // HOUR, DAY_LONG // HOUR  # in hours
_term = partial(Term, relation="repeats")

TERMS = (
    _term("repeat.served", "True"),
    _term("repeat.known", "known"),
    _term("repeat.representatives", "known and representative"),
    _term("repeat.repeated", f"{_PLAIN} and repeated_ms is not None"),
    _term("repeat.plain", _PLAIN),
    _term("repeat.representative", "known and representative and repeated_ms is not None"),
    _term("repeat.open", "window_open"),
    _term("persistence.counted", _COUNTED),
    _term("persistence.attempts", _COUNTED, "attempts", spread=1),
    _term("persistence.first_attempt", f"{_COUNTED} and attempts == 1"),
)

_EXCLUDED = Both(
    "contacts of unknown callers, and those of representatives (repeat.coverage and "
    "repeat.representatives show them)",
    "les contacts de personnes inconnues et ceux des représentants (repeat.coverage et "
    "repeat.representatives les montrent)",
)

MEASURES = (
    count(
        "repeat.served",
        "contacts",
        Words(
            "Contacts that could be repeated",
            "Phone contacts connected to an agent, live or by callback, and written messages that "
            "got a substantive reply.",
        ),
        Words(
            "Contacts susceptibles d’être répétés",
            "Contacts téléphoniques mis en communication avec un agent, en direct ou par rappel, "
            "et messages écrits ayant reçu une réponse de fond.",
        ),
    ),
    count(
        "repeat.known",
        "contacts",
        Words("Contacts of known callers", "Served contacts whose caller is known."),
        Words("Contacts de personnes connues", "Contacts servis dont la personne est connue."),
    ),
    share(
        "repeat.coverage",
        "repeat.known",
        "repeat.served",
        Words(
            "Coverage of repeat contact",
            "Served contacts whose caller is known, of all served contacts.",
        ),
        Words(
            "Couverture des contacts répétés",
            "Contacts servis dont la personne est connue, parmi tous les contacts servis.",
        ),
    ),
    count(
        "repeat.representatives",
        "contacts",
        Words(
            "Contacts of representatives",
            f"Served contacts of known callers with more than {REPRESENTATIVE} contacts in the "
            f"{_DAY} hours up to and including this one; shown apart.",
        ),
        Words(
            "Contacts de représentants",
            f"Contacts servis de personnes connues ayant plus de {REPRESENTATIVE} contacts dans "
            f"les {_DAY} heures se terminant par celui-ci, lui compris; montrés à part.",
        ),
    ),
    share(
        "repeat.rate",
        "repeat.repeated",
        "repeat.plain",
        Words(
            "Repeat contact",
            "Served contacts after which the same caller came back, by phone or in writing and "
            f"about the same topic where both are known, within {_WEEK} hours after the end; of "
            "the served contacts whose caller is known and not a representative.",
        ),
        Words(
            "Contacts répétés",
            "Contacts servis après lesquels la même personne est revenue, par téléphone ou par "
            f"écrit et sur le même sujet si les deux sont connus, dans les {_WEEK} heures suivant "
            "la fin; parmi les contacts servis dont la personne est connue et n’est pas un "
            "représentant.",
        ),
        exclusions=_EXCLUDED,
        beside=("repeat.coverage",),
    ),
    share(
        "repeat.representative_rate",
        "repeat.representative",
        "repeat.representatives",
        Words(
            "Repeat contact of representatives",
            "The same for representatives: served contacts after which the same caller came back, "
            "of the served contacts whose caller is known and a representative.",
        ),
        Words(
            "Contacts répétés des représentants",
            "Le même taux pour les représentants : contacts servis après lesquels la même personne "
            "est revenue, parmi les contacts servis dont la personne est connue et est un "
            "représentant.",
        ),
    ),
    count(
        "repeat.open",
        "contacts",
        Words(
            "Contacts that could still be repeated",
            f"Served contacts whose {_WEEK} hours are not over at the cut-off: repeat contact is "
            "provisional while there are any.",
        ),
        Words(
            "Contacts encore susceptibles d’être répétés",
            f"Contacts servis dont les {_WEEK} heures ne sont pas écoulées au moment de "
            "référence : le taux de contacts répétés est provisoire tant qu’il y en a.",
        ),
    ),
    mean(
        "persistence.mean",
        "persistence.attempts",
        "persistence.counted",
        "attempts",
        Words(
            "Attempts per served caller",
            f"Calls that a caller made in the {_WEEK} hours up to being served, this one included "
            "and since they were last served: the sum over the phone contacts served whose "
            "caller is known and not a representative, divided by their number.",
        ),
        Words(
            "Tentatives par personne servie",
            f"Appels faits par la personne dans les {_WEEK} heures se terminant par l’appel servi, "
            "celui-ci compris, depuis la dernière fois où elle a été servie : la somme pour "
            "les contacts téléphoniques servis dont la personne est connue et n’est pas un "
            "représentant, divisée par leur nombre.",
        ),
        exclusions=_EXCLUDED,
    ),
    share(
        "persistence.first_attempt",
        "persistence.first_attempt",
        "persistence.counted",
        Words(
            "Served on the first attempt",
            "Phone contacts served with one attempt, of the phone contacts served whose caller "
            "is known and not a representative.",
        ),
        Words(
            "Servis à la première tentative",
            "Contacts téléphoniques servis en une seule tentative, parmi les contacts "
            "téléphoniques servis dont la personne est connue et n’est pas un représentant.",
        ),
        exclusions=_EXCLUDED,
    ),
    rank(
        "persistence.p90",
        "persistence.attempts",
        90,
        "attempts",
        Words(
            "Attempts, 90th percentile",
            "Nine in ten of the phone contacts served whose caller is known and not a "
            "representative took this many attempts or fewer.",
        ),
        Words(
            "Tentatives, 90e centile",
            "Neuf contacts téléphoniques servis sur dix, dont la personne est connue et n’est "
            "pas un représentant, ont demandé ce nombre de tentatives ou moins.",
        ),
        exclusions=_EXCLUDED,
    ),
)
