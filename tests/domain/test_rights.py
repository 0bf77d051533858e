"""Who may do what, as a table: an owner everything, a license manager all but buy, a viewer only look."""

from __future__ import annotations

import pytest

from perseat.domain import rights
from perseat.domain.rights import MemberRole, StaffRole

OF_MEMBERS = {
    # right: owner, license manager, viewer
    "may_buy": (True, False, False),
    "may_manage_team": (True, False, False),
    "may_manage_people": (True, True, False),
    "may_ask_billing": (True, True, False),
}
OF_STAFF = {
    # right: nobody of the staff, clerk, administrator
    "may_work_in_back_office": (False, True, True),
    "may_administer": (False, False, True),
}


@pytest.mark.parametrize("right", OF_MEMBERS)
def test_a_member_may_do_what_the_role_says(right: str) -> None:
    roles = (MemberRole.OWNER, MemberRole.LICENSE_MANAGER, MemberRole.VIEWER)

    assert tuple(getattr(rights, right)(role) for role in roles) == OF_MEMBERS[right]


@pytest.mark.parametrize("right", OF_STAFF)
def test_a_person_of_the_provider_may_do_what_the_role_says(right: str) -> None:
    roles = (StaffRole.NONE, StaffRole.CLERK, StaffRole.ADMINISTRATOR)

    assert tuple(getattr(rights, right)(role) for role in roles) == OF_STAFF[right]
