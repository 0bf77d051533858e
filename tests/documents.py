"""Documents without a database: the domain's own arithmetic, put into the form in which issued documents are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from perseat.capabilities.invoicing.actions import payment_reference
from perseat.capabilities.invoicing.queries import DocumentLineView, DocumentTaxView, DocumentView
from perseat.capabilities.invoicing.wording import LineFacts, line_arithmetic, line_text
from perseat.domain.money import charge_minor, get_currency
from perseat.domain.quote import DocumentKind, Line, LineKind, LineReason
from perseat.domain.tax import document_totals

NAMES = {"basic": "Microsoft 365 Business Basic", "premium": "Microsoft 365 Business Premium"}
SELLER = {
    "name": "Beispiel Hosting GmbH",
    "address": "Beispielweg 1, 10115 Berlin",
    "country": "DE",
    "tax_number": "DE136695976",
    "bank_account": "DE89 3704 0044 0532 0130 00",
    "email": "billing@provider.example",
}
BUYER = {
    "name": "Muster & Söhne AG",
    "street": "Musterstraße 2",
    "city": "Wien",
    "region": "",
    "postal_code": "1010",
    "country": "AT",
    "tax_number": "ATU13585627",
    "order_reference": "PO 4711",
    "email": "invoices@muster.example",
}
ISSUED_ON = date(2026, 3, 15)


def charge(
    seats: int = 3,
    *,
    price: str = "7.00",
    days: int = 31,
    category: str = "S",
    rate: str = "19",
    edition: str = "basic",
    reason: LineReason = LineReason.ADDED,
    currency: str = "EUR",
    restores: bool = False,
) -> Line:
    """A charge for the last `days` of the 31 from 15 March on; of one that restores, for seats kept after all."""
    amount = charge_minor(
        seats=seats, unit_price=Decimal(price), days=days, period_days=31, currency=get_currency(currency)
    )
    return Line(
        kind=LineKind.CHARGE,
        reason=LineReason.RESTORED if restores else reason,
        edition=edition,
        seats=seats,
        start=date(2026, 4, 15) - timedelta(days=days),
        end=date(2026, 4, 15),
        days=days,
        period_days=31,
        unit_price=Decimal(price),
        amount_minor=amount,
        tax_category=category,
        tax_rate=Decimal(rate),
        credits="1" if restores else None,
        restores="2" if restores else None,
    )


def credit(seats: int = 1, *, amount_minor: int, edition: str = "basic", category: str = "S", rate: str = "19") -> Line:
    """A credit of so many minor units (given above zero) on a line of another document."""
    return Line(
        kind=LineKind.CREDIT,
        reason=LineReason.RETURNED,
        edition=edition,
        seats=seats,
        start=date(2026, 3, 22),
        end=date(2026, 4, 15),
        days=24,
        period_days=31,
        unit_price=Decimal("7.00"),
        amount_minor=-amount_minor,
        tax_category=category,
        tax_rate=Decimal(rate),
        credits="1",
    )


def by_hand(reason: LineReason, *, amount_minor: int, seats: int = 1) -> Line:
    """What the billing team charges (seats at a price), or gives without naming a line."""
    is_charge = reason is LineReason.MANUAL
    return Line(
        kind=LineKind.CHARGE if is_charge else LineKind.CREDIT,
        reason=reason,
        edition="",
        seats=seats,
        start=ISSUED_ON,
        end=ISSUED_ON + timedelta(days=1),
        days=1,
        period_days=1,
        unit_price=Decimal(amount_minor) / 100 / seats,
        amount_minor=amount_minor if is_charge else -amount_minor,
        tax_category="S",
        tax_rate=Decimal(19),
        credits=None,
        restores=None,
    )


def document(
    *lines: Line,
    currency: str = "EUR",
    language: str = "en",
    prices_include_tax: bool = False,
    seller: dict[str, str] | None = None,
    buyer: dict[str, str] | None = None,
    labels: dict[str, str] | None = None,
    reason: str = "",
) -> DocumentView:
    """The lines as a document of 15 March 2026 between a seller in Germany and a buyer in Austria."""
    totals = document_totals(lines, prices_include_tax=prices_include_tax)
    is_invoice = totals.kind is DocumentKind.INVOICE
    number = "INV-000012" if is_invoice else "CN-000003"
    return DocumentView(
        number=number,
        kind=totals.kind,
        customer_id=1,
        customer_number="C-1001",
        service_id=1,
        order_id=1,
        issued_on=ISSUED_ON,
        issued_at=datetime(2026, 3, 15, 9, tzinfo=UTC),
        due_on=ISSUED_ON + timedelta(days=14 if totals.total_minor > 0 else 0),
        currency=currency,
        net_minor=totals.net_minor,
        tax_minor=totals.tax_minor,
        total_minor=totals.total_minor,
        paid_minor=0,
        credited_minor=0,
        open_minor=max(totals.total_minor, 0),
        is_overdue=False,
        is_cancelled=False,
        prices_include_tax=prices_include_tax,
        seller=SELLER if seller is None else seller,
        buyer=BUYER if buyer is None else buyer,
        payment_reference=payment_reference(number),
        reason=reason,
        language=language,
        corrects_number="",
        corrected_by=(),
        lines=_lines(lines, line_taxes=totals.line_taxes, currency=currency, language=language),
        taxes=tuple(
            DocumentTaxView(
                label=(labels or {}).get(tax.category, "VAT"),
                category=tax.category,
                rate=tax.rate,
                net_minor=tax.net_minor,
                tax_minor=tax.tax_minor,
            )
            for tax in totals.taxes
        ),
        allocations=(),
    )


def _lines(
    lines: Sequence[Line], *, line_taxes: Sequence[int], currency: str, language: str
) -> tuple[DocumentLineView, ...]:
    return tuple(
        _line(line, number=index + 1, tax_minor=line_taxes[index], currency=currency, language=language)
        for index, line in enumerate(lines)
    )


def _line(line: Line, *, number: int, tax_minor: int, currency: str, language: str) -> DocumentLineView:
    facts = LineFacts(
        kind=line.kind,
        reason=line.reason,
        edition_name=NAMES.get(line.edition, "Moving a mailbox"),
        partner_name="",
        seats=line.seats,
        start=line.start,
        end=line.end,
        days=line.days,
        period_days=line.period_days,
        unit_price=line.unit_price,
        amount_minor=line.amount_minor,
        currency=currency,
    )
    return DocumentLineView(
        number=number,
        kind=line.kind,
        reason=line.reason,
        edition=line.edition,
        edition_name=facts.edition_name,
        partner_name="",
        text=line_text(facts, language=language),
        arithmetic=line_arithmetic(facts, language=language),
        seats=line.seats,
        start=line.start,
        end=line.end,
        last_day=line.end - timedelta(days=1),
        days=line.days,
        period_days=line.period_days,
        unit_price=line.unit_price,
        amount_minor=line.amount_minor,
        tax_minor=tax_minor,
        tax_category=line.tax_category,
        tax_rate=line.tax_rate,
        credits_number="INV-000007" if line.credits else "",
    )
