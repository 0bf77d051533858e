"""Two administrators who decide on the same price sheet at the same moment."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from tests.integrations.price_sheets import row, sheet
from tests.journeys.outside import START, outside_alone
from tests.makers import make_catalog, make_user

from perseat.capabilities.accounts.models import AuditEntry
from perseat.capabilities.catalog.models import SupplierCost
from perseat.capabilities.catalog.sheets import SheetDecided
from perseat.domain.rights import StaffRole
from perseat.journeys.price_sheets import apply_sheet, preview_sheet, receive_sheet


@pytest.mark.own_database
def test_a_sheet_that_two_apply_at_once_is_applied_once_and_the_other_is_told() -> None:
    make_catalog()
    users = [make_user(email=f"{name}@provider.example", staff_role=StaffRole.ADMINISTRATOR).pk for name in "ab"]
    sheet_id = receive_sheet(
        io.BytesIO(sheet(row())), file_name="Nov.csv", user_id=users[0], outside=outside_alone(), now=START
    )
    shown = preview_sheet(sheet_id, today=START.date()).prices.fingerprint
    both = Barrier(2)

    def apply(user_id: int) -> str:
        try:
            both.wait(timeout=30)
            apply_sheet(
                sheet_id, shown=shown, reason="", ends_what_it_lacks=False, user_id=user_id, now=START,
                today=START.date(),
            )  # fmt: skip
        except SheetDecided as decided:
            return str(decided)
        else:
            return "applied"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(apply, users), key=len)

    assert said[0] == "applied"
    assert "has applied this sheet already" in said[1]
    assert SupplierCost.objects.count() == 1
    assert AuditEntry.objects.filter(verb="applied price sheet").count() == 1
