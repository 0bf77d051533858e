"""Every refusal of Partner Center is decided: a sentence, a wait, a person, or a reason why it cannot come."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from perseat.integrations.partner_center.answers import understand
from perseat.integrations.partner_center.sentences import (
    FOR_STAFF,
    OURS_TO_MEND,
    PASSING,
    SENTENCES,
    is_for_staff,
    plain_facts,
)
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "partner-center-errors.md"
DOCUMENTED = (Path(__file__).parent / "partner_center_codes.txt").read_text().split()
# Codes of a basket's lines, which a table of their own documents.
OF_LINES = {"10001", "10002", "10003", "10009", "10012", "10013", "10015", "10018", "10019", "600061"}


def excused() -> list[str]:
    rows = re.findall(r"^\| ([\d, ]+) \| .+ \|$", PAGE.read_text(), re.MULTILINE)
    return [code for row in rows for code in row.split(", ")]


def answer(code: str, *, status: int = 400) -> httpx.Response:
    return httpx.Response(status, json={"code": int(code), "description": "As they say.", "source": "PartnerFD"})


def test_every_documented_code_is_decided_once() -> None:
    decided = [*SENTENCES, *FOR_STAFF, *OURS_TO_MEND, *PASSING, *excused()]

    assert len(set(DOCUMENTED)) == 238, "239 rows, one code of which stands there twice"
    assert sorted(set(DOCUMENTED) - set(decided)) == []
    assert sorted(set(decided) - set(DOCUMENTED) - OF_LINES) == []
    assert len(decided) == len(set(decided))


@pytest.mark.parametrize("code", sorted({**SENTENCES, **FOR_STAFF}))
def test_a_code_that_people_can_cause_has_a_sentence_of_ours(code: str) -> None:
    with pytest.raises(Refused) as refusal:
        understand(answer(code))

    assert refusal.value.code == code
    assert refusal.value.sentence == {**SENTENCES, **FOR_STAFF}[code]
    assert re.fullmatch(r"[A-Z].{15,160}\.", refusal.value.sentence)
    assert refusal.value.is_for_staff is (code in FOR_STAFF)


@pytest.mark.parametrize("code", sorted(OURS_TO_MEND))
def test_what_only_our_own_set_up_can_mend_ends_nothing(code: str) -> None:
    with pytest.raises(CredentialsRefused, match=code):
        understand(answer(code, status=403))


@pytest.mark.parametrize("code", sorted(PASSING))
def test_a_passing_state_is_asked_again_later(code: str) -> None:
    with pytest.raises(Unanswered) as waiting:
        understand(answer(code))

    assert waiting.value.retry_after_seconds == PASSING[code]


def test_an_unknown_code_is_shown_as_it_is_and_waits_for_a_person() -> None:
    with pytest.raises(Refused) as refusal:
        understand(answer("987654"))

    assert (refusal.value.code, refusal.value.sentence) == ("987654", "Microsoft answered: As they say.")
    assert is_for_staff("987654")


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"availableQuantity": "100", "purchasedQuantity": "200"}, "has 200 from all sellers, so 100 more can be had."),
        ({"AvailableQuantity": "0"}, "0 more can be had."),
        ({"availableQuantity": "many"}, ""),
        ({}, ""),
    ],
)
def test_what_is_still_to_be_had_is_said(details: dict[str, str], words: str) -> None:
    assert plain_facts(details).endswith(words)
    assert bool(plain_facts(details)) is bool(words)
