"""The voice menu: two conventions of containment, each under its own label."""

from schemas.measures.funnel import ASKED
from schemas.measures.kinds import Kind, Measure, Term, Words

NOT_ASKED = ASKED.replace("is not", "is")

TERMS = (
    Term("in_menu", "ivr_ms is not None"),
    Term("menu_time", "ivr_ms is not None", "ivr_ms"),
    Term("menu_tasks", "self_served_ms is not None", moment="self_served_ms"),
    Term("menu_60s", f"{NOT_ASKED} and ivr_ms is not None and ivr_ms >= 60_000"),
)

MEASURES = (
    Measure(
        "ivr.contained_task",
        Kind.RATIO,
        Words(
            "Contained in the menu, by completed task",
            "Completed a task in the menu and never asked, of all who arrived.",
        ),
        Words(
            "Servis par le menu, selon l’opération terminée",
            "Ont terminé une opération sans demander un agent, parmi tous les arrivés.",
        ),
        "self_served",
        "arrived",
        unit="%",
    ),
    Measure(
        "ivr.contained_60s",
        Kind.RATIO,
        Words(
            "Contained in the menu, by the 60-second convention",
            "Never asked and spent 60 s or more in the menu, of all who arrived (the convention "
            "of the 2017 audit; it does not prove that anything was achieved).",
        ),
        Words(
            "Servis par le menu, selon la convention des 60 secondes",
            "N’ont pas demandé d’agent et sont restés 60 s ou plus dans le menu, parmi tous les "
            "arrivés (convention de l’audit de 2017; elle ne prouve aucun résultat).",
        ),
        "menu_60s",
        "arrived",
        unit="%",
    ),
    Measure(
        "ivr.tasks",
        Kind.COUNT,
        Words("Completed a task in the menu", "Whether or not they asked for an agent later."),
        Words("Opération terminée dans le menu", "Qu’ils aient ou non demandé un agent ensuite."),
        "menu_tasks",
    ),
    Measure(
        "ivr.time_mean",
        Kind.MEAN,
        Words("Time in the menu", "Mean time in the menu, where its end is known."),
        Words("Temps dans le menu", "Temps moyen dans le menu, lorsque sa fin est connue."),
        "menu_time",
        "in_menu",
        unit="s",
    ),
)
