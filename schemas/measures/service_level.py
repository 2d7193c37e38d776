"""One word, nine formulas: `reference/domain.md` 1.1, each under its own name.

T is 20 s, compared in milliseconds with the wait from the first ask. F is every exit that is
neither an answer nor an abandonment, callbacks accepted included. Callbacks answered later
are in no numerator here: service level is published callbacks-excluded.
"""

from schemas.measures.kinds import Kind, Measure, Term, Words

THRESHOLD = 20_000
_WITHIN = f"exit_ms - asked_ms <= {THRESHOLD:_}"

TERMS = (
    Term("answered_within", f"place == 'answered' and {_WITHIN}", moment="exit_ms"),
    Term("abandoned_within", f"place == 'abandoned' and {_WITHIN}", moment="exit_ms"),
    Term("callback_within", f"place == 'callback_accepted' and {_WITHIN}", moment="exit_ms"),
)
_F = "callback_accepted + other_exit"


def _level(name: str, variant: int, numerator: str, denominator: str, *texts: str) -> Measure:
    name_en, text_en, name_fr, text_fr = texts
    return Measure(
        f"service_level.{name}",
        Kind.RATIO,
        Words(f"Service level {variant}, 20 s: {name_en}", text_en),
        Words(f"Niveau de service {variant}, 20 s : {name_fr}", text_fr),
        numerator,
        denominator,
        unit="%",
    )


MEASURES = (
    _level(
        "answered_only",
        1,
        "answered_within",
        "answered",
        "answered calls only",
        "Answered within 20 s, of the answered; abandonments are ignored.",
        "seulement les appels auxquels un agent a répondu",
        "Contacts pris en charge en 20 s ou moins, parmi les contacts pris en charge; les abandons "
        "sont ignorés.",
    ),
    _level(
        "abandons_positive",
        2,
        "answered_within + abandoned_within",
        "answered + abandoned",
        "a quick abandonment is a success",
        "Answered or abandoned within 20 s, of the answered and abandoned.",
        "un abandon rapide est un succès",
        "Contacts pris en charge ou abandonnés en 20 s ou moins, parmi les contacts pris en charge "
        "et abandonnés.",
    ),
    _level(
        "left_queue",
        3,
        "answered_within + abandoned_within + callback_within",
        "queued",
        "leaving the queue is a success",
        "Answered, abandoned or callback accepted within 20 s, of the queued.",
        "quitter la file est un succès",
        "Contacts pris en charge, abandonnés ou ayant accepté un rappel en 20 s ou moins, parmi "
        "les mis en file.",
    ),
    _level(
        "offered",
        4,
        "answered_within",
        "answered + abandoned",
        "answered and abandoned",
        "Answered within 20 s, of the answered and abandoned.",
        "pris en charge et abandonnés",
        "Contacts pris en charge en 20 s ou moins, parmi les contacts pris en charge et "
        "abandonnés.",
    ),
    _level(
        "short_excluded",
        5,
        "answered_within",
        "answered + abandoned - abandoned_short",
        "short abandonments excluded",
        "Answered within 20 s, of the answered and abandoned less short abandonments.",
        "abandons courts exclus",
        "Contacts pris en charge en 20 s ou moins, parmi les contacts pris en charge et abandonnés "
        "moins les abandons courts.",
    ),
    _level(
        "exits_included",
        6,
        "answered_within",
        f"answered + abandoned + {_F}",
        "other exits included",
        "Answered within 20 s, of all who left the queue, however they did.",
        "autres sorties incluses",
        "Contacts pris en charge en 20 s ou moins, parmi tous ceux qui ont quitté la file.",
    ),
    _level(
        "abandons_ignored",
        7,
        "answered_within",
        "queued - abandoned_within - callback_accepted - other_exit",
        "quick abandonments ignored",
        "Answered within 20 s, of the queued less abandonments within 20 s and other exits.",
        "abandons rapides ignorés",
        "Contacts pris en charge en 20 s ou moins, parmi les mis en file moins les abandons en "
        "20 s ou moins et les autres sorties.",
    ),
    _level(
        "abandons_negative",
        8,
        "answered_within",
        "queued - callback_accepted - other_exit",
        "abandonments are misses",
        "Answered within 20 s, of the queued less other exits.",
        "les abandons sont des échecs",
        "Contacts pris en charge en 20 s ou moins, parmi les mis en file moins les autres sorties.",
    ),
    _level(
        "client_view",
        10,
        "answered_within",
        "asked",
        "the client's view",
        "Answered within 20 s, of all who asked, turned away included.",
        "le point de vue du client",
        "Contacts pris en charge en 20 s ou moins, parmi tous ceux qui ont demandé un agent, "
        "refusés compris.",
    ),
)
