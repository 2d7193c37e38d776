"""The words around the rows: sections, relations, kinds and units, in both languages."""

from schemas.measures.kinds import Both, Kind

#: The modules of measures, by their short name, in the order in which they are listed.
SECTIONS = {
    "funnel": Both("The funnel", "Le parcours des contacts"),
    "service_level": Both("Service level", "Niveau de service"),
    "waits": Both("Waits", "Attentes"),
    "handling": Both("Handling", "Traitement"),
    "ivr": Both("The voice menu", "Le menu vocal"),
    "segments": Both("Passes through queues", "Passages en file"),
    "estimates": Both("Announced waits", "Attentes annoncées"),
    "callbacks": Both("Callbacks", "Rappels"),
    "fidelity": Both("Fidelity of callbacks", "Fidélité des rappels"),
    "repeats": Both("Repeat contact and persistence", "Contacts répétés et persistance"),
    "resolution": Both("First exchange and interpreters", "Premier échange et interprètes"),
    "messages": Both("Emails and parliamentary enquiries", "Courriels et messages parlementaires"),
    "surveys": Both("Surveys", "Sondages"),
    "work": Both(
        "Topics, escalations, digital tools",
        "Sujets, transmissions à un niveau supérieur, outils numériques",
    ),
    "agents": Both("Agents' time", "Temps des agents"),
}

#: What one row of each relation is, and the period to which it belongs.
RELATIONS = {
    "contacts": Both(
        "one phone contact, in the period in which it arrived",
        "un contact téléphonique, dans la période de son arrivée",
    ),
    "segments": Both(
        "one pass of a phone contact through a queue, in the period in which it entered the queue",
        "un passage d’un contact téléphonique en file, dans la période de son entrée en file",
    ),
    "estimates": Both(
        "one wait announced to a caller, in the period of the announcement",
        "une attente annoncée à un appelant, dans la période de l’annonce",
    ),
    "messages": Both(
        "one written message, in the period in which it was received; its category is the way by "
        "which it came",
        "un message écrit, dans la période de sa réception; sa catégorie est son mode d’arrivée",
    ),
    "surveys": Both(
        "one questionnaire of a contact, in the period in which the contact arrived; its category "
        "is the channel preferred next time",
        "un questionnaire d’un contact, dans la période d’arrivée du contact; sa catégorie est le "
        "mode de communication préféré la prochaine fois",
    ),
    "topics": Both(
        "one topic of a contact, in the period in which it was first assigned; its category is the "
        "topic",
        "un sujet d’un contact, dans la période de sa première attribution; sa catégorie est le "
        "sujet",
    ),
    "escalations": Both(
        "one escalation, in the period in which it was raised; its category is the kind",
        "une transmission à un niveau supérieur, dans la période où elle a été faite; sa "
        "catégorie est le genre",
    ),
    "tasks": Both(
        "one task completed with a digital tool, in the period of its completion; its category is "
        "the tool",
        "une opération terminée avec un outil numérique, dans la période de sa fin; sa catégorie "
        "est l’outil",
    ),
    "spells": Both(
        "one stretch of an agent's time in one state, cut at quarter-hours, in the period in which "
        "it was spent; its category is the state",
        "une tranche du temps d’un agent dans un état, coupée aux quarts d’heure, dans la période "
        "où elle s’est écoulée; sa catégorie est l’état",
    ),
    "fidelity": Both(
        "one callback accepted from a queue and not cancelled by the customer, in the period in "
        "which its contact arrived",
        "un rappel accepté depuis une file et non annulé par le client, dans la période d’arrivée "
        "du contact",
    ),
    "repeats": Both(
        "one contact that was served, by phone or in writing, in the period in which it arrived",
        "un contact servi, par téléphone ou par écrit, dans la période de son arrivée",
    ),
}

KINDS = {
    Kind.COUNT: Both("count", "décompte"),
    Kind.RATIO: Both("share", "proportion"),
    Kind.MEAN: Both("mean", "moyenne"),
    Kind.PERCENTILE: Both("percentile", "centile"),
    Kind.REMAINDER: Both("remainder", "reste"),
}

UNITS = {
    "%": Both("percent", "pour cent"),
    "s": Both("seconds", "secondes"),
    "ms": Both("milliseconds", "millisecondes"),
    "days": Both("days of 24 hours", "jours de 24 heures"),
    "whole days": Both("whole days of 24 hours", "jours entiers de 24 heures"),
    "business days": Both("business days", "jours ouvrables"),
    "working hours": Both("working hours", "heures ouvrables"),
    "points": Both("points", "points"),
    "attempts": Both("attempts", "tentatives"),
    "contacts": Both("contacts", "contacts"),
    "events": Both("events", "événements"),
    "segments": Both("passes", "passages"),
    "estimates": Both("announcements", "annonces"),
    "messages": Both("messages", "messages"),
    "surveys": Both("questionnaires", "questionnaires"),
    "escalations": Both("escalations", "transmissions"),
    "tasks": Both("tasks", "opérations"),
    "spells": Both("stretches of time", "tranches de temps"),
    "callbacks": Both("callbacks", "rappels"),
}
