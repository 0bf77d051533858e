"""Guards that the database itself keeps, for every role: rows that are written once, and known states only.

Source: billing rule 16 (issued documents and ledger entries are append-only in the database itself).
"""

from __future__ import annotations

from enum import StrEnum

import pgtrigger
from django.db import models


def append_only(name: str) -> list[pgtrigger.Trigger]:
    """Triggers that refuse UPDATE, DELETE and TRUNCATE on a table."""
    return [
        pgtrigger.Protect(name=f"{name}_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        never_truncated(name),
    ]


def never_deleted(name: str) -> list[pgtrigger.Trigger]:
    """Triggers that refuse DELETE and TRUNCATE; columns may still change."""
    return [pgtrigger.Protect(name=f"{name}_never_deleted", operation=pgtrigger.Delete), never_truncated(name)]


def never_truncated(name: str) -> pgtrigger.Trigger:
    """A statement trigger; pgtrigger's Protect does not cover TRUNCATE."""
    return pgtrigger.Trigger(
        name=f"{name}_never_truncated",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=f"RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from {name}';",
    )


def frozen_columns(name: str, *, columns: list[str]) -> pgtrigger.Trigger:
    """A trigger that refuses a change of these columns once the row exists."""
    return pgtrigger.Protect(
        name=f"{name}_frozen_columns",
        operation=pgtrigger.UpdateOf(*columns),  # type: ignore[no-untyped-call]
        condition=pgtrigger.AnyChange(*columns),
    )


def not_into_closed_months(name: str, *, day: str) -> pgtrigger.Trigger:
    """A trigger that refuses rows whose column `day` is in a month that the billing team has closed.

    Checked once a statement; `closed_month` is the ledger's table.
    """
    return pgtrigger.Trigger(
        name=f"{name}_month_is_open",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
        func=f"""
            IF EXISTS (SELECT 1 FROM new_rows JOIN closed_month ON new_rows.{day} < closed_month.ends_on) THEN
                RAISE EXCEPTION 'this month is closed: nothing may be dated into it';
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - the column's name is the program's own
    )


def known_states(name: str, *, field: str, states: type[StrEnum]) -> models.CheckConstraint:
    """A constraint that allows the values of an enum only."""
    values = [state.value for state in states]
    return models.CheckConstraint(name=f"{name}_{field}_is_known", condition=models.Q(**{f"{field}__in": values}))


def choices_of(states: type[StrEnum]) -> list[tuple[str, str]]:
    """The values of an enum as Django wants them."""
    return [(state.value, state.name.replace("_", " ").capitalize()) for state in states]
