"""What clients said: who was asked, who answered, and how they would rather reach us."""

from functools import partial

from schemas.measures.kinds import Term, Words
from schemas.measures.rows import count, mean, share

_term = partial(Term, relation="surveys")
_SCORED = "answered_ms is not None and score is not None"

TERMS = (
    _term("survey.questionnaires", "True"),
    _term("survey.invited", "invited_ms is not None", moment="invited_ms"),
    _term("survey.answered", "answered_ms is not None", moment="answered_ms"),
    _term(
        "survey.unsolicited",
        "answered_ms is not None and invited_ms is None",
        moment="answered_ms",
    ),
    _term("survey.scored", _SCORED),
    _term("survey.score", _SCORED, "score"),
    _term("survey.score_scaled", f"{_SCORED} and scale is not None", "score"),
    _term("survey.scale", f"{_SCORED} and scale is not None", "scale"),
    _term(
        "survey.preferred",
        "answered_ms is not None and preferred is not None",
        moment="answered_ms",
    ),
)

MEASURES = (
    count(
        "survey.questionnaires",
        "surveys",
        Words(
            "Surveys",
            "Questionnaires that a client was invited to or answered: one for every contact and "
            "questionnaire, in the period in which the contact arrived.",
        ),
        Words(
            "Sondages",
            "Questionnaires proposés à un client ou remplis par lui : un par contact et par "
            "questionnaire, dans la période d’arrivée du contact.",
        ),
    ),
    count(
        "survey.invited",
        "surveys",
        Words("Surveys with an invitation", "Questionnaires that the client was invited to."),
        Words(
            "Sondages avec invitation", "Questionnaires auxquels le client a été invité à répondre."
        ),
    ),
    count(
        "survey.answered",
        "surveys",
        Words("Surveys answered", "Questionnaires that were answered, invited or not."),
        Words("Sondages remplis", "Questionnaires remplis, avec ou sans invitation."),
    ),
    count(
        "survey.unsolicited",
        "surveys",
        Words(
            "Surveys answered without invitation",
            "Questionnaires that were answered though no invitation is recorded; in no response "
            "rate.",
        ),
        Words(
            "Sondages remplis sans invitation",
            "Questionnaires remplis sans invitation consignée; exclus du taux de participation.",
        ),
    ),
    share(
        "survey.response_rate",
        "survey.answered - survey.unsolicited",
        "survey.invited",
        Words(
            "Response rate",
            "Questionnaires with an invitation that were answered, of those with an invitation.",
        ),
        Words(
            "Taux de participation",
            "Questionnaires avec invitation qui ont été remplis, parmi les questionnaires avec "
            "invitation.",
        ),
    ),
    mean(
        "survey.score_mean",
        "survey.score",
        "survey.scored",
        "points",
        Words(
            "Mean score",
            "Sum of the scores given, divided by the number of answered questionnaires with a "
            "score. Scores of different scales are not made alike: survey.score_share does that.",
        ),
        Words(
            "Note moyenne",
            "Somme des notes attribuées, divisée par le nombre de questionnaires remplis avec une "
            "note. Les échelles différentes ne sont pas ramenées à une seule : voir "
            "survey.score_share.",
        ),
    ),
    share(
        "survey.score_share",
        "survey.score_scaled",
        "survey.scale",
        Words(
            "Score in percent of the scale",
            "Sum of the scores, of the sum of the scales, over the answered questionnaires that "
            "have both a score and a scale.",
        ),
        Words(
            "Note en pourcentage de l’échelle",
            "Somme des notes, rapportée à la somme des échelles, pour les questionnaires remplis "
            "ayant une note et une échelle.",
        ),
    ),
    count(
        "survey.preferred",
        "surveys",
        Words(
            "Preferred channel",
            "Answered questionnaires that name the channel preferred next time; the category is "
            "that channel.",
        ),
        Words(
            "Mode de communication préféré",
            "Questionnaires remplis qui indiquent le mode de communication préféré la prochaine "
            "fois; la catégorie est ce mode.",
        ),
    ),
)
