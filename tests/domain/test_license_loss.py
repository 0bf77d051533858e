"""What a person can no longer do when licenses change."""

from __future__ import annotations

import pytest

from perseat.domain.license_loss import is_kept_for_a_month, list_losses

OFFICE, DEVICES, APPS = "the installed Office apps", "device protection", "the apps that the license gives"
ALL_OF_BASIC = ("the mailbox", "Teams", "the files in OneDrive")


@pytest.mark.parametrize(
    ("taken", "kept", "losses"),
    [
        (["basic"], [], ALL_OF_BASIC),
        (["standard"], [], (*ALL_OF_BASIC, OFFICE)),
        (["premium"], [], (*ALL_OF_BASIC, OFFICE, DEVICES)),
        (["premium"], ["standard"], (DEVICES,)),
        (["standard"], ["basic"], (OFFICE,)),
        (["basic"], ["premium"], ()),
        (["basic", "standard"], ["basic"], (OFFICE,)),
        (["premium"], ["basic", "standard"], (DEVICES,)),
        (["business-premium-yearly"], ["business-basic"], (OFFICE, DEVICES)),  # known by the word in its code
        (["visio"], [], (APPS,)),
        (["visio", "basic"], [], (*ALL_OF_BASIC, APPS)),
        (["visio"], ["basic"], (APPS,)),
        (["basic"], ["visio"], ALL_OF_BASIC),
        ([], ["basic"], ()),
    ],
)
def test_what_goes_is_what_nothing_that_stays_gives(taken: list[str], kept: list[str], losses: tuple[str, ...]) -> None:
    assert list_losses(taken, kept=kept) == losses


@pytest.mark.parametrize(
    ("losses", "kept_for_a_month"),
    [
        (("the mailbox",), True),
        (("the files in OneDrive",), True),
        ((APPS,), True),  # nobody knows what it gave: better warned than sorry
        ((OFFICE, DEVICES), False),
        (("Teams",), False),
        ((), False),
    ],
)
def test_only_mail_and_files_are_kept_for_a_month(losses: tuple[str, ...], kept_for_a_month: bool) -> None:  # noqa: FBT001
    assert is_kept_for_a_month(losses) is kept_for_a_month
