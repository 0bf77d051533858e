"""`perseat audit`: recomputes every customer's books and prints each difference on a line."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from perseat.journeys.audit import audit_everything


def main(*, now: datetime | None = None) -> int:
    """Audit everything as of `now` (None: this moment); 1 when there is a difference. Customers with one are parked."""
    count = 0
    for customer_number, difference in audit_everything(now=now or timezone.now()):
        print(f"{customer_number or 'all customers'}: {difference}")
        count += 1
    if count:
        print(f"{count} difference(s). Customers with one are parked; the back office shows them.")
        return 1
    print("All books hold.")
    return 0
