"""Standards and commitments judged: met, not met, NA and why, in English and in French."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.commands.standards_words import WORDS
from tests.e2e.folder import Folder, call, clock, fact, later

YEAR = ("--from", "2025-04-01", "--to", "2026-04-01")
EI = {"department": "esdc", "program": "ei"}

OWN = """
[[standard]]
id = "ircc.phone.queue"
version = 2
department = "ircc"
channel = "phone"
measure = "queue_time.within_1800s"
measure_version = 1
target = "20.00"
effective_from = 2025-10-01
source = "Our own"
[standard.en]
name = "Queue wait within 30 minutes"
text = "As decided by the branch."
[standard.fr]
name = "Attente en file de 30 minutes ou moins"
text = "Selon la décision de la direction."

[[standard]]
id = "ircc.parliamentary.reply"
version = 1
department = "ircc"
channel = "parliamentary"
measure = "parliamentary.delay_business_mean"
measure_version = 1
target = "2.000"
better = "lower"
effective_from = 2025-04-01
source = "Our own"
[standard.en]
name = "Members of Parliament: 2 business days"
text = "Mean delay."
[standard.fr]
name = "Parlementaires : 2 jours ouvrables"
text = "Délai moyen."
"""


@pytest.fixture
def folder(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Folder:
    """IRCC answers one call in time and two late; EI four of five, one without a channel."""
    found = Folder(tmp_path / "data", capfdbinary)
    unnamed = [value.replace(b'"channel":"phone",', b"") for value in call("2026-01-05T18:00", "e")]
    found.tell(
        *(call("2026-01-05T14:00", f"ircc-{waited}", waited) for waited in (30, 31, 32)),
        *(call("2026-01-05T14:00", f"ei-{waited}", waited, **EI) for waited in (1, 2, 10, 11)),
        [
            value.replace(b'"department":"ircc"', b'"department":"esdc","program":"ei"')
            for value in unnamed
        ],
        *(message(f"2026-01-{day:02d}T15:00", f"m{day}") for day in (5, 6)),
        fact("2026-01-05T14:02", "callback.offered", "ircc-30"),
        clock("2026-01-20T05:00"),
    )
    return found


def message(at: str, subject: str, channel: str = "email") -> list[bytes]:
    """A message answered after two days."""
    facts = {"department": "ircc", "channel": channel, "intake": "mailbox"}
    received = fact(at, "email.received", subject, **facts)
    return [received, fact(later(at, 2 * 24 * 60), "email.responded", subject)]


def results(folder: Folder, *words: str) -> dict[str, tuple[str, str | None, str]]:
    return {
        row["id"]: (row["result"], row["value"], row["reason"])
        for row in folder.rows("standards", *words)
    }


def test_each_is_met_not_met_or_not_applicable(folder: Folder) -> None:
    assert results(folder, *YEAR) == {
        "ircc.phone.queue": ("not met", "33.33", "33.33%, for a target of 80.00% or more"),
        "ircc.email.reply": ("met", "100.00", "100.00%, for a target of 80.00% or more"),
        "esdc.ei.phone": ("met", "80.00", "80.00%, for a target of 80.00% or more"),
        "esdc.pensions.phone": ("NA", None, "unknown: nothing was counted"),
        "vac.phone": ("NA", None, "unknown: nothing was counted"),
        "ircc.parliamentary": ("NA", None, "no standard set"),
        "ircc.phone.answer_rate": ("NA", None, "unknown: nothing was counted"),
        "ircc.email.delay": ("NA", None, "unknown: nothing was counted"),
        "ircc.callback.economic": (
            "met",
            None,
            "done on 2019-04-01, due 2019-04-30; callbacks offered since: 0",
        ),
        "ircc.callback.family": (
            "met",
            None,
            "done on 2019-05-01, due 2019-05-31; callbacks offered since: 0",
        ),
        "ircc.callback.others": (
            "NA",
            None,
            "due 2019-12-31; no source says that it was done; callbacks offered since: 0",
        ),
        "ircc.hours": ("NA", None, "due 2020-12-31; no source says that it was done"),
    }


def test_the_table_says_result_reason_and_how_certain(folder: Folder) -> None:
    said = folder.run("standards", "--department", "ircc").out
    assert said.startswith("Standards, 2025-04-01 to 2026-01-20, as of 2026-01-20T00:00:00-05:00\n")
    assert (
        "NOT MET    Queue wait within 30 minutes (ircc.phone.queue)\n"
        "           33.33%, for a target of 80.00% or more\n"
        "           1 / 3, live: the period is not over\n"
    ) in said
    assert (
        "NA         Parliamentary centre (ircc.parliamentary)\n           no standard set\n" in said
    )
    assert "\nCommitments\n" in said
    with_exclusions = "Emails: answered within 3 business days, exclusions not taken out: 100.00%"
    assert f"           {with_exclusions}\n" in said
    assert "Answer rate from 25% to 50%, 2020-04-01 to 2021-03-31 (ircc.phone.answer_rate)" in said
    assert "DONE       Callback for family sponsorship (ircc.callback.family)\n" in said
    assert "esdc" not in said
    whole = folder.run("standards", "--from", "2026-01-05", "--to", "2026-01-06").out
    assert (
        "4 / 5, provisional: until 2026-01-16T00:00:00-05:00" not in whole  # ten days are over
        and "4 / 5, provisional: no control total by switch or workforce system\n" in whole
    )


def test_all_of_it_is_french_in_french(folder: Folder) -> None:
    said = folder.run("standards", "--lang", "fr", "--from", "2026-01-05", "--to", "2026-01-20").out
    assert said.startswith("Normes, du 2026-01-05 au 2026-01-19, en date du 2026-01-20T00:00:00")
    assert (
        "NON RESPECTÉE       Attente en file de 30 minutes ou moins (ircc.phone.queue)\n"
        "                    33,33 %, pour une cible de 80,00 % ou plus\n"
        "                    1 / 3, provisoire : jusqu’au 2026-01-30T00:00:00-05:00, "
        "dix jours après la clôture; aucun total de contrôle du commutateur ou du système de "
        "gestion des effectifs\n"
    ) in said
    assert "Courriel ayant reçu une réponse en 3 jours ouvrables ou moins" in said
    assert "S. O.               Centre des parlementaires (ircc.parliamentary)\n" in said
    assert "inconnu : rien n’a été compté" in said
    assert "aucune source n’en indique la réalisation; rappels offerts depuis : 0" in said
    english = {"the", "of", "and", "not", "until", "since", "due", "for", "or", "more", "was"}
    assert not english & set(said.lower().split())


def test_a_standard_of_the_middle_of_the_period_is_not_applicable(folder: Folder) -> None:
    (folder.path / "standards.toml").write_text(OWN, encoding="utf-8")
    found = results(folder, *YEAR)
    assert found["ircc.phone.queue"] == ("NA", None, "in force only from 2025-10-01")
    assert results(folder, *YEAR, "--lang", "fr")["ircc.phone.queue"][2] == (
        "en vigueur à partir du 2025-10-01 seulement"
    )
    part = results(folder, "--from", "2025-10-01", "--to", "2026-04-01")
    assert part["ircc.phone.queue"][:2] == ("met", "33.33")
    assert "ircc.parliamentary" not in found  # one is set now
    assert found["ircc.parliamentary.reply"] == ("NA", None, "unknown: nothing was counted")
    folder.tell(message("2026-01-07T15:00", "mp", "parliamentary"))
    found = results(folder, *YEAR)
    assert found["ircc.parliamentary.reply"] == (
        "met",
        "2.000",
        "2.000 business days, for a target of 2.000 business days or less",
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('measure = "queue_time.within_1800s"', 'measure = "no.such"', "standard 1: measure: "),
        ('target = "20.00"', "target = 20", "standard 1: target: "),
        ('target = "2.000"', 'target = "two"', "standard 2: target: 'two' is no exact decimal"),
        ('better = "lower"', 'better = "less"', "standard 2: better: Invalid enum value"),
        ("version = 2\n", "version = 2\nwhere = { colour = 'red' }\n", "where.colour: is not one"),
        ("parliamentary.reply", "phone.queue", "standard 2: effective_from: ircc.phone.queue is"),
        ("[[standard]]", "[[standard]", "is not TOML"),
    ],
)
def test_a_wrong_row_of_the_folder_is_named(
    folder: Folder, old: str, new: str, problem: str
) -> None:
    assert old in OWN
    path = folder.path / "standards.toml"
    path.write_text(OWN.replace(old, new, 1), encoding="utf-8")
    said = folder.run("standards", *YEAR)
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(f"vouch standards: {path}: ")
    assert problem in said.err


def test_a_commitment_is_not_judged_before_it_is_due(folder: Folder) -> None:
    (folder.path / "standards.toml").write_text(
        """
[[commitment]]
id = "ircc.phone.answer_rate"
version = 2
department = "ircc"
channel = "phone"
measure = "answer.rate"
measure_version = 1
baseline = "25.00"
target = "50.00"
unit = "%"
better = "higher"
due = 2026-03-31
source = "Our own"
en = { name = "Answer rate", text = "Again." }
fr = { name = "Taux de réponse", text = "De nouveau." }

[[action]]
id = "ircc.hours"
department = "ircc"
kind = "hours"
due = 2020-12-31
done = 2021-02-01
source = "Our own"
en = { name = "Longer opening hours" }
fr = { name = "Heures d’ouverture prolongées" }
""",
        encoding="utf-8",
    )
    said = folder.run("standards", *YEAR).out
    assert (
        "NA         Answer rate, 2025-04-01 to 2026-03-31 (ircc.phone.answer_rate)\n"
        "           not due until 2026-03-31\n"
        "           so far 100.00%\n"
        "           3 / 3, live: the period is not over\n"
    ) in said
    assert (
        "DONE LATE  Longer opening hours (ircc.hours)\n"
        "           done on 2021-02-01, due 2020-12-31\n"
    ) in said
    folder.tell(clock("2026-04-01T04:00"))
    assert results(folder, *YEAR)["ircc.phone.answer_rate"][:2] == ("met", "100.00")


def test_a_period_that_ends_before_it_begins_and_an_unknown_department(folder: Folder) -> None:
    backwards = folder.run("standards", "--from", "2026-04-01", "--to", "2026-04-01")
    assert (backwards.status, "must be after" in backwards.err) == (1, True)
    nowhere = folder.run("standards", "--department", "nowhere")
    assert nowhere == (0, "No standard, commitment or action is known there.\n", "")


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["fr"].keys()
