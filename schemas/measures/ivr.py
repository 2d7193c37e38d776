"""The voice menu: two conventions of containment, each under its own label."""

from schemas.instants import SECOND
from schemas.measures.funnel import ASKED
from schemas.measures.kinds import Term, Words
from schemas.measures.rows import count, mean, share

NOT_ASKED = ASKED.replace("is not", "is")
CONTAINED = 60  # seconds in the menu, in the convention of the 2017 audit

TERMS = (
    Term("in_menu", "ivr_ms is not None"),
    Term("menu_time", "ivr_ms is not None", "ivr_ms"),
    Term("menu_tasks", "self_served_ms is not None", moment="self_served_ms"),
    Term("menu_60s", f"{NOT_ASKED} and ivr_ms is not None and ivr_ms >= {CONTAINED * SECOND:_}"),
)

MEASURES = (
    share(
        "ivr.contained_task",
        "self_served",
        "arrived",
        Words(
            "Contained in the menu, by completed task",
            "Completed a task in the menu and never asked, of all who arrived.",
        ),
        Words(
            "Servis par le menu, selon l’opération terminée",
            "Ont terminé une opération sans demander un agent, parmi tous les arrivés.",
        ),
    ),
    share(
        "ivr.contained_60s",
        "menu_60s",
        "arrived",
        Words(
            f"Contained in the menu, by the {CONTAINED}-second convention",
            f"Never asked and spent {CONTAINED} s or more in the menu, of all who arrived (the "
            "convention of the 2017 audit; it does not prove that anything was achieved).",
        ),
        Words(
            f"Servis par le menu, selon la convention des {CONTAINED} secondes",
            f"N’ont pas demandé d’agent et sont restés {CONTAINED} s ou plus dans le menu, parmi "
            "tous les arrivés (convention de l’audit de 2017; elle ne prouve aucun résultat).",
        ),
    ),
    count(
        "ivr.tasks",
        "contacts",
        Words("Completed a task in the menu", "Whether or not they asked for an agent later."),
        Words("Opération terminée dans le menu", "Qu’ils aient ou non demandé un agent ensuite."),
        "menu_tasks",
    ),
    mean(
        "ivr.time_mean",
        "menu_time",
        "in_menu",
        "s",
        Words("Time in the menu", "Mean time in the menu, where its end is known."),
        Words("Temps dans le menu", "Temps moyen dans le menu, lorsque sa fin est connue."),
    ),
)
