"""One word, nine formulas: `docs/definitions.md` section 2.1, each under its own name.

T is `THRESHOLD`, compared in milliseconds with the wait from the first ask. F is every exit that is
neither an answer nor an abandonment, callbacks accepted included. Callbacks answered later
are in no numerator here: service level is published callbacks-excluded.
"""

from schemas.instants import SECOND
from schemas.measures.kinds import Measure, Term, Words
from schemas.measures.rows import share

THRESHOLD = 20 * SECOND
_T = f"{THRESHOLD // SECOND} s"
_WITHIN = f"exit_ms - asked_ms <= {THRESHOLD:_}"

TERMS = (
    Term("answered_within", f"place == 'answered' and {_WITHIN}", moment="exit_ms"),
    Term("abandoned_within", f"place == 'abandoned' and {_WITHIN}", moment="exit_ms"),
    Term("callback_within", f"place == 'callback_accepted' and {_WITHIN}", moment="exit_ms"),
)
_F = "callback_accepted + other_exit"


def _level(name: str, variant: int, numerator: str, denominator: str, *texts: str) -> Measure:
    name_en, text_en, name_fr, text_fr = texts
    return share(
        f"service_level.{name}",
        numerator,
        denominator,
        Words(f"Service level {variant}, {_T}: {name_en}", text_en),
        Words(f"Niveau de service {variant}, {_T} : {name_fr}", text_fr),
    )


MEASURES = (
    _level(
        "answered_only",
        1,
        "answered_within",
        "answered",
        "answered calls only",
        f"Answered within {_T}, of the answered; abandonments are ignored.",
        "seulement les appels auxquels un agent a répondu",
        f"Contacts pris en charge en {_T} ou moins, parmi les contacts pris en charge; les "
        "abandons sont ignorés.",
    ),
    _level(
        "abandons_positive",
        2,
        "answered_within + abandoned_within",
        "answered + abandoned",
        "a quick abandonment is a success",
        f"Answered or abandoned within {_T}, of the answered and abandoned.",
        "un abandon rapide est un succès",
        f"Contacts pris en charge ou abandonnés en {_T} ou moins, parmi les contacts pris en "
        "charge et abandonnés.",
    ),
    _level(
        "left_queue",
        3,
        "answered_within + abandoned_within + callback_within",
        "queued",
        "leaving the queue is a success",
        f"Answered, abandoned or callback accepted within {_T}, of the queued.",
        "quitter la file est un succès",
        f"Contacts pris en charge, abandonnés ou ayant accepté un rappel en {_T} ou moins, parmi "
        "les mis en file.",
    ),
    _level(
        "offered",
        4,
        "answered_within",
        "answered + abandoned",
        "answered and abandoned",
        f"Answered within {_T}, of the answered and abandoned.",
        "pris en charge et abandonnés",
        f"Contacts pris en charge en {_T} ou moins, parmi les contacts pris en charge et "
        "abandonnés.",
    ),
    _level(
        "short_excluded",
        5,
        "answered_within",
        "answered + abandoned - abandoned_short",
        "short abandonments excluded",
        f"Answered within {_T}, of the answered and abandoned less short abandonments.",
        "abandons courts exclus",
        f"Contacts pris en charge en {_T} ou moins, parmi les contacts pris en charge et "
        "abandonnés moins les abandons courts.",
    ),
    _level(
        "exits_included",
        6,
        "answered_within",
        f"answered + abandoned + {_F}",
        "other exits included",
        f"Answered within {_T}, of all who left the queue, however they did.",
        "autres sorties incluses",
        f"Contacts pris en charge en {_T} ou moins, parmi tous ceux qui ont quitté la file.",
    ),
    _level(
        "abandons_ignored",
        7,
        "answered_within",
        "queued - abandoned_within - callback_accepted - other_exit",
        "quick abandonments ignored",
        f"Answered within {_T}, of the queued less abandonments within {_T} and other exits.",
        "abandons rapides ignorés",
        f"Contacts pris en charge en {_T} ou moins, parmi les mis en file moins les abandons en "
        f"{_T} ou moins et les autres sorties.",
    ),
    _level(
        "abandons_negative",
        8,
        "answered_within",
        "queued - callback_accepted - other_exit",
        "abandonments are misses",
        f"Answered within {_T}, of the queued less other exits.",
        "les abandons sont des échecs",
        f"Contacts pris en charge en {_T} ou moins, parmi les mis en file moins les autres "
        "sorties.",
    ),
    _level(
        "client_view",
        10,
        "answered_within",
        "asked",
        "the client's view",
        f"Answered within {_T}, of all who asked, turned away included.",
        "le point de vue du client",
        f"Contacts pris en charge en {_T} ou moins, parmi tous ceux qui ont demandé un agent, "
        "refusés compris.",
    ),
)
