"""Quote: what a change of seats means, line by line. One function serves quotes, renewals and the audit (rule 15)."""

from __future__ import annotations

from perseat.domain.quote_values import (
    Basis,
    Batch,
    BilledCredit,
    BilledLine,
    Decrease,
    DecreasePolicy,
    DocumentKind,
    EditionState,
    Line,
    LineKind,
    LineReason,
    Outcome,
    QuotedChange,
    RecurringCharge,
    ServiceState,
    TaxRate,
    TaxSum,
    Totals,
    Upgrade,
    Wanted,
)
from perseat.domain.quoting import EditionUnknown, quote_change
from perseat.domain.renewal import NotARenewalDay, quote_renewal
from perseat.domain.seats import SeatsNotCountable

__all__ = [
    "Basis",
    "Batch",
    "BilledCredit",
    "BilledLine",
    "Decrease",
    "DecreasePolicy",
    "DocumentKind",
    "EditionState",
    "EditionUnknown",
    "Line",
    "LineKind",
    "LineReason",
    "NotARenewalDay",
    "Outcome",
    "QuotedChange",
    "RecurringCharge",
    "SeatsNotCountable",
    "ServiceState",
    "TaxRate",
    "TaxSum",
    "Totals",
    "Upgrade",
    "Wanted",
    "quote_change",
    "quote_renewal",
]
