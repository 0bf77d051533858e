"""Figure making: from a decision, or from the rows that were stored of it, to the figures that pages show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from pydantic import TypeAdapter

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.explaining import explain_line, explain_sum, explain_tax
from perseat.capabilities.invoicing.models import DocumentLine
from perseat.capabilities.invoicing.wording import LineFacts, line_arithmetic, line_text
from perseat.capabilities.ordering.credit_basis import basis_in
from perseat.capabilities.ordering.models import Quote, QuoteLine
from perseat.domain.calendar import term_end
from perseat.domain.quote import (
    DocumentKind,
    Line,
    LineKind,
    LineReason,
    Outcome,
    QuotedChange,
    RecurringCharge,
    Totals,
)
from perseat.journeys.decrease_figures import (
    credit_of_lines_waits,
    credit_waits,
    decrease_figures,
    planned_changeable_until,
    returnable_figures,
)
from perseat.journeys.figures import (
    DecreaseFigure,
    EditionFigure,
    LineFigure,
    QuoteFigures,
    RecurringFigure,
    TaxFigure,
    UpgradeFigure,
)
from perseat.journeys.service_state import LoadedService

# How the parts of a decision that have no table of their own are stored with a quote, and read again.
EDITIONS = TypeAdapter(tuple[EditionFigure, ...])
TAXES = TypeAdapter(tuple[TaxFigure, ...])
RECURRING = TypeAdapter(tuple[RecurringFigure, ...])
DECREASES = TypeAdapter(tuple[DecreaseFigure, ...])
UPGRADES = TypeAdapter(tuple[UpgradeFigure, ...])


def figures_of_change(
    loaded: LoadedService, change: QuotedChange, *, from_balance_minor: int, to_pay_minor: int
) -> QuoteFigures:
    """The figures of a decision."""
    totals = change.totals
    recurring = tuple(_recurring(loaded, charge) for charge in change.recurring)
    net, tax, due = (totals.net_minor, totals.tax_minor, totals.total_minor) if totals else (0, 0, 0)
    return QuoteFigures(
        day=change.day,
        currency=loaded.customer.currency,
        kind=totals.kind if totals else None,
        period_start=change.period.start,
        period_end=change.period.end,
        editions=tuple(_edition(loaded, outcome, day=change.day) for outcome in change.outcomes),
        lines=line_figures(loaded, change.lines),
        taxes=tax_figures(loaded, totals),
        net_minor=net,
        tax_minor=tax,
        due_today_minor=due,
        from_balance_minor=from_balance_minor,
        to_pay_minor=to_pay_minor,
        recurring_total_minor=recurring[0].total_minor if recurring else 0,
        next_charge_on=recurring[0].on if recurring else None,
        recurring=recurring,
        decreases=decrease_figures(loaded, change),
        upgrades=_upgrades(loaded, change),
        prices_include_tax=loaded.state.prices_include_tax,
        credit_waits=credit_waits(loaded, change),
        **_sums(loaded.customer, net_minor=net, tax_minor=tax, from_balance_minor=from_balance_minor),
    )


def figures_of_quote(quote: Quote) -> QuoteFigures:
    """The figures of a stored quote, exactly as they were."""
    rows = quote.lines.select_related("edition", "partner").order_by("number")
    lines = figures_of_rows(rows, currency=quote.currency, language=quote.customer.language)
    recurring = RECURRING.validate_python(quote.recurring)
    return QuoteFigures(
        day=quote.day,
        currency=quote.currency,
        kind=DocumentKind(quote.kind) if quote.kind else None,
        period_start=quote.period_start,
        period_end=quote.period_end,
        editions=EDITIONS.validate_python(quote.outcomes),
        lines=lines,
        taxes=TAXES.validate_python(quote.taxes),
        net_minor=quote.net_minor,
        tax_minor=quote.tax_minor,
        due_today_minor=quote.due_today_minor,
        from_balance_minor=quote.from_balance_minor,
        to_pay_minor=quote.to_pay_minor,
        recurring_total_minor=quote.recurring_total_minor,
        next_charge_on=quote.next_charge_on,
        recurring=recurring,
        decreases=DECREASES.validate_python(quote.decreases),
        upgrades=UPGRADES.validate_python(quote.upgrades),
        prices_include_tax=quote.customer.prices_include_tax,
        credit_waits=credit_of_lines_waits(quote.service.policy, lines),
        **_sums(
            quote.customer,
            net_minor=quote.net_minor,
            tax_minor=quote.tax_minor,
            from_balance_minor=quote.from_balance_minor,
        ),
    )


def figures_of_rows(
    rows: Iterable[QuoteLine | DocumentLine], *, currency: str, language: str
) -> tuple[LineFigure, ...]:
    """Stored lines of a quote or a document."""
    found = list(rows)
    ids = [_credited_id(row) for row in found]
    numbers = document_numbers(line_id for line_id in ids if line_id is not None)
    return tuple(
        _figure(
            _facts_of_row(row, currency=currency, credits_number=numbers.get(credited or 0, "")),
            number=row.number,
            edition=row.edition.code if row.edition else "",
            tax_category=row.tax_category,
            tax_rate=row.tax_rate,
            language=language,
        )
        for row, credited in zip(found, ids, strict=True)
    )


def line_figures(loaded: LoadedService, lines: Sequence[Line]) -> tuple[LineFigure, ...]:
    """Decided lines that are not stored yet."""
    numbers = document_numbers(int(line.credits) for line in lines if line.credits)
    return tuple(
        _figure(
            LineFacts(
                kind=line.kind,
                reason=line.reason,
                edition_name=loaded.offers[line.edition].edition.name,
                partner_name=loaded.offers[line.partner].edition.name if line.partner else "",
                seats=line.seats,
                start=line.start,
                end=line.end,
                days=line.days,
                period_days=line.period_days,
                unit_price=line.unit_price,
                amount_minor=line.amount_minor,
                currency=loaded.customer.currency,
                basis=line.basis,
                credits_number=numbers.get(int(line.credits or 0), ""),
            ),
            number=index,
            edition=line.edition,
            tax_category=line.tax_category,
            tax_rate=line.tax_rate,
            language=loaded.customer.language,
        )
        for index, line in enumerate(lines, start=1)
    )


def tax_figures(loaded: LoadedService, totals: Totals | None) -> tuple[TaxFigure, ...]:
    """The taxes of a document's totals, with their names and their arithmetic."""
    return tuple(
        TaxFigure(
            label=loaded.taxation.labels.get(tax.category, "Tax"),
            category=tax.category,
            rate=tax.rate,
            net_minor=tax.net_minor,
            tax_minor=tax.tax_minor,
            explanation=explain_tax(
                net_minor=tax.net_minor,
                tax_minor=tax.tax_minor,
                rate=tax.rate,
                is_included=loaded.state.prices_include_tax,
                currency=loaded.customer.currency,
                language=loaded.customer.language,
            ),
        )
        for tax in (totals.taxes if totals else ())
    )


def document_numbers(line_ids: Iterable[int]) -> dict[int, str]:
    """The number of the document on which each line stands."""
    wanted = set(line_ids)
    if not wanted:
        return {}
    return dict(DocumentLine.objects.filter(pk__in=wanted).values_list("pk", "document__number"))


def _recurring(loaded: LoadedService, charge: RecurringCharge) -> RecurringFigure:
    totals = charge.totals
    return RecurringFigure(
        on=charge.on,
        start=charge.period.start,
        end=charge.period.end,
        lines=line_figures(loaded, charge.lines),
        net_minor=totals.net_minor,
        tax_minor=totals.tax_minor,
        total_minor=totals.total_minor,
        taxes=tax_figures(loaded, totals),
        arithmetic=_sum(loaded.customer, totals.net_minor, totals.tax_minor),
    )


def _sums(customer: Customer, *, net_minor: int, tax_minor: int, from_balance_minor: int) -> dict[str, str]:
    """How what is due and what is to pay come about; a document that gives back asks for nothing."""
    due_minor = net_minor + tax_minor
    return {
        "due_arithmetic": _sum(customer, net_minor, tax_minor),
        "pay_arithmetic": _sum(customer, due_minor, -from_balance_minor) if due_minor > 0 else "",
    }


def _sum(customer: Customer, *parts_minor: int) -> str:
    return explain_sum(*parts_minor, currency=customer.currency, language=customer.language)


def _credited_id(row: QuoteLine | DocumentLine) -> int | None:
    return row.credits_line if isinstance(row, QuoteLine) else row.credits_line_id


def _facts_of_row(row: QuoteLine | DocumentLine, *, currency: str, credits_number: str) -> LineFacts:
    return LineFacts(
        kind=LineKind(row.kind),
        reason=LineReason(row.reason),
        edition_name=_name(row) if isinstance(row, DocumentLine) else row.edition.name,
        partner_name=row.partner.name if row.partner else "",
        seats=row.seats,
        start=row.start,
        end=row.end,
        days=row.days,
        period_days=row.period_days,
        unit_price=row.unit_price,
        amount_minor=row.amount_minor,
        currency=currency,
        basis=basis_in(row),
        credits_number=credits_number,
    )


def _name(row: DocumentLine) -> str:
    return row.edition.name if row.edition else row.text


def _figure(
    facts: LineFacts,
    *,
    number: int,
    edition: str,
    tax_category: str,
    tax_rate: Decimal,
    language: str,
) -> LineFigure:
    return LineFigure(
        number=number,
        kind=facts.kind,
        reason=facts.reason,
        edition=edition,
        edition_name=facts.edition_name,
        partner_name=facts.partner_name,
        text=line_text(facts, language=language),
        arithmetic=line_arithmetic(facts, language=language),
        seats=facts.seats,
        start=facts.start,
        end=facts.end,
        last_day=facts.end - timedelta(days=1),
        days=facts.days,
        period_days=facts.period_days,
        unit_price=facts.unit_price,
        amount_minor=facts.amount_minor,
        tax_category=tax_category,
        tax_rate=tax_rate,
        credits_number=facts.credits_number,
        explanation=explain_line(facts, language=language),
    )


def _edition(loaded: LoadedService, outcome: Outcome, *, day: date) -> EditionFigure:
    view = loaded.offers[outcome.edition].edition
    state = next(each for each in loaded.state.editions if each.edition == outcome.edition)
    held = state.held > 0 and state.term_start is not None
    return EditionFigure(
        code=view.code,
        name=view.name,
        former_names=view.former_names,
        summary=view.summary,
        maximum_seats=view.maximum_seats,
        unit_price=state.unit_price,
        held=outcome.held,
        planned=state.planned,
        renews_on=term_end(loaded.state.rhythm, term_start=state.term_start) if held and state.term_start else None,
        wanted=outcome.wanted,
        now=outcome.now,
        planned_after=outcome.planned,
        planned_on=outcome.planned_on,
        difference=outcome.wanted - outcome.held,
        policy=state.policy,
        returnable=returnable_figures(state, day=day),
        plan_changeable_until=planned_changeable_until(loaded, state, day=day),
    )


def _upgrades(loaded: LoadedService, change: QuotedChange) -> tuple[UpgradeFigure, ...]:
    return tuple(
        UpgradeFigure(
            source=each.source,
            source_name=loaded.offers[each.source].edition.name,
            target=each.target,
            target_name=loaded.offers[each.target].edition.name,
            seats=each.seats,
        )
        for each in change.upgrades
    )
