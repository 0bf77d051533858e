"""Product summary: every figure derived from documents, each with the numbers it comes from (rule 18)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.invoicing.queries import is_cancelled, open_minor_of
from perseat.capabilities.provisioning.returns import ReturningSeats
from perseat.capabilities.subscriptions.models import Service, ServiceState
from perseat.domain.calendar import term_end
from perseat.domain.fulfillment import ORDER_LABELS, OrderState
from perseat.domain.quote import DocumentKind, EditionState, quote_change
from perseat.journeys.decrease_figures import changeable_until, returnable_figures
from perseat.journeys.figure_making import figures_of_change
from perseat.journeys.figures import RecurringFigure, ReturnableFigure
from perseat.journeys.service_state import LoadedService, get_service_row, load_services
from perseat.journeys.summary_facts import FINISHED, SummaryFacts, read_summary_facts
from perseat.journeys.taxation import PriceKind

SHOWN_DOCUMENTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedAmount:
    """An amount in minor units with the numbers of the documents and payments that it is the sum of.

    `documents`: those of the sources that are documents.
    """

    amount_minor: int
    sources: tuple[str, ...]
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedDay:
    """A day with the numbers of the documents that say so; None when nothing was charged yet."""

    day: date | None
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFigure:
    """A change that waits for the renewal. Undo it by typing `held` as the total of `edition` (see undo_wanted).

    `changeable_until`: the moment (not included) until which it can be changed.
    """

    edition: str
    edition_name: str
    held: int
    planned: int
    on: date
    changeable_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFigure:
    """Seats that were given back by an order that waits for Microsoft's answer. They are held and charged until then.

    `credit_minor`: what the whole order promises, with tax, positive. `recurring_minor`: the next charge after it.
    """

    order_id: int
    edition: str
    edition_name: str
    seats: int
    credit_minor: int
    recurring_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseFigure:
    """One row of Licenses. `document_numbers`: the documents that charge the running period's seats.

    `returning`: of the held ones, seats that were given back and wait for Microsoft's answer. `returnable`: seats that
    could still be given back for a refund.
    """

    edition: str
    edition_name: str
    former_names: str
    directory_sku_id: str
    held: int
    planned: int | None
    unit_price: Decimal
    renews_on: date | None
    document_numbers: tuple[str, ...]
    returning: int
    returnable: tuple[ReturnableFigure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFigure:
    """An issued document in a list; `open_minor` is what is unpaid of it (0 for credit notes)."""

    number: str
    kind: DocumentKind
    issued_on: date
    due_on: date
    currency: str
    total_minor: int
    open_minor: int
    is_paid: bool
    is_overdue: bool
    is_cancelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrderFigure:
    """The order that awaits payment or is under way."""

    order_id: int
    state: OrderState
    label: str
    document_number: str
    open_minor: int
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSummary:
    """What the product summary shows. `paid_to`: the last day (included) up to which everything charged is paid.

    `owed`: open invoices that charge this service; `owed_elsewhere`: the customer's other ones (of other services, or
    by hand). Goodwill lowers what is owed of the invoice it is for; the rest of it is balance.
    `balance`: what we hold for the customer. `next_charge`: the renewal document as known today, None when nothing
    will be charged. `undo_wanted`: totals that withdraw all plans. `returns`: seats that wait for Microsoft's answer;
    the plan they have until then is not among `plans`.
    `prices_include_tax`: whether unit prices and the amounts of lines do; `price_kind` says it in words.
    """

    service_id: int
    service_name: str
    domains: tuple[str, ...]
    state: ServiceState
    currency: str
    prices_include_tax: bool
    price_kind: PriceKind
    cycle: str
    next_charge: RecurringFigure | None
    later_charges: tuple[RecurringFigure, ...]
    paid_to: SourcedDay
    owed: SourcedAmount
    owed_elsewhere: SourcedAmount
    balance: SourcedAmount
    plans: tuple[PlanFigure, ...]
    returns: tuple[ReturnFigure, ...]
    undo_wanted: Mapping[str, int]
    open_order: OpenOrderFigure | None
    documents: tuple[DocumentFigure, ...]
    licenses: tuple[LicenseFigure, ...]


def get_product_summary(*, customer_id: int, service_id: int, today: date) -> ProductSummary:
    """Every figure from the documents. `today`: the customer's local day.

    :raises DoesNotBelong: when the service is not the customer's.
    """
    service = get_service_row(service_id, customer_id=customer_id)
    return list_product_summaries([service], today_of={service.pk: today})[service.pk]


def list_product_summaries(services: Sequence[Service], *, today_of: Mapping[int, date]) -> dict[int, ProductSummary]:
    """The same of many services (with customer and tenant), each on its own day, by their ids; for the audit."""
    loaded = load_services(services, day_of=today_of)
    facts = read_summary_facts(services)
    return {key: _summarize(each, facts[key], today=today_of[key]) for key, each in loaded.items()}


def _summarize(loaded: LoadedService, facts: SummaryFacts, *, today: date) -> ProductSummary:
    service, state = loaded.service, loaded.state
    change = quote_change(state, day=max(today, state.started_on), wanted={})
    recurring = figures_of_change(loaded, change, from_balance_minor=0, to_pay_minor=0).recurring
    charged = [figure for figure in recurring if figure.lines]
    returning = {each.edition: each for each in facts.returning}
    open_documents = [document for document in facts.documents if open_minor_of(document) > 0]
    return ProductSummary(
        service_id=service.pk,
        service_name=service.name,
        domains=tuple(service.tenant.domains),
        state=ServiceState(service.state),
        currency=loaded.customer.currency,
        prices_include_tax=loaded.customer.prices_include_tax,
        price_kind=loaded.taxation.price_kind,
        cycle=service.cycle,
        next_charge=charged[0] if charged else None,
        later_charges=recurring[1:],
        paid_to=_paid_to(loaded, facts, open_documents),
        owed=_sum(open_documents),
        owed_elsewhere=_sum(facts.unpaid_elsewhere),
        balance=SourcedAmount(
            amount_minor=sum(source.left_minor for source in facts.sources),
            sources=tuple(source.name for source in facts.sources),
            documents=tuple(source.name for source in facts.sources if source.credit_note_id is not None),
        ),
        plans=_plans(loaded, today=today, but=set(returning)),
        returns=_returns(facts),
        undo_wanted={
            edition.edition: edition.held
            for edition in state.editions
            if edition.planned is not None and edition.edition not in returning
        },
        open_order=_open_order(facts),
        documents=tuple(_document(document, today=today) for document in facts.documents[:SHOWN_DOCUMENTS]),
        licenses=_licenses(loaded, facts, today=today, returning=returning),
    )


def _sum(unpaid: Sequence[Document]) -> SourcedAmount:
    return SourcedAmount(
        amount_minor=sum(open_minor_of(document) for document in unpaid),
        sources=tuple(document.number for document in unpaid),
    )


def _returns(facts: SummaryFacts) -> tuple[ReturnFigure, ...]:
    orders = {order.pk: order for order in facts.orders}
    return tuple(
        ReturnFigure(
            order_id=each.order_id,
            edition=each.edition,
            edition_name=each.edition_name,
            seats=each.seats,
            credit_minor=-orders[each.order_id].quote.due_today_minor,
            recurring_minor=orders[each.order_id].quote.recurring_total_minor,
        )
        for each in facts.returning
    )


def _paid_to(loaded: LoadedService, facts: SummaryFacts, open_documents: list[Document]) -> SourcedDay:
    """The day before the first day that an unpaid document charges, else the last day that is charged at all."""
    is_open = {document.pk for document in open_documents}
    unpaid = [charge for charge in facts.charges if charge.document_id in is_open]
    if unpaid:
        first = min(unpaid, key=lambda charge: (charge.start, charge.line_id))
        before = first.start - timedelta(days=1)
        return SourcedDay(day=before if before >= loaded.state.started_on else None, sources=(first.number,))
    if not facts.charges:
        return SourcedDay(day=None, sources=())
    end = max(charge.end for charge in facts.charges)
    last = sorted(charge.document_id for charge in facts.charges if charge.end == end)
    numbers = {charge.document_id: charge.number for charge in facts.charges}
    return SourcedDay(day=end - timedelta(days=1), sources=tuple(dict.fromkeys(numbers[each] for each in last)))


def _plans(loaded: LoadedService, *, today: date, but: Collection[str]) -> tuple[PlanFigure, ...]:
    return tuple(
        PlanFigure(
            edition=edition.edition,
            edition_name=loaded.offers[edition.edition].edition.name,
            held=edition.held,
            planned=edition.planned,
            on=(on := term_end(loaded.state.rhythm, term_start=edition.term_start)),
            changeable_until=changeable_until(loaded, edition.edition, renews_on=on, day=today),
        )
        for edition in loaded.state.editions
        if edition.planned is not None and edition.term_start is not None and edition.edition not in but
    )


def _open_order(facts: SummaryFacts) -> OpenOrderFigure | None:
    """The order that awaits payment, else the newest one that is under way."""
    orders = [order for order in facts.orders if order.state not in FINISHED]
    order = next((each for each in orders if each.state == OrderState.AWAITING_PAYMENT), None)
    order = order or max(orders, key=lambda each: each.pk, default=None)
    if order is None:
        return None
    document = facts.document_of(order)
    state = OrderState(order.state)
    return OpenOrderFigure(
        order_id=order.pk,
        state=state,
        label=ORDER_LABELS[state],
        document_number=document.number if document else "",
        open_minor=open_minor_of(document) if document else 0,
        expires_on=order.expires_on if state is OrderState.AWAITING_PAYMENT else None,
    )


def _document(document: Document, *, today: date) -> DocumentFigure:
    open_minor = open_minor_of(document)
    return DocumentFigure(
        number=document.number,
        kind=DocumentKind(document.kind),
        issued_on=document.issued_on,
        due_on=document.due_on,
        currency=document.currency,
        total_minor=document.total_minor,
        open_minor=open_minor,
        is_paid=document.total_minor > 0 and open_minor == 0,
        is_overdue=open_minor > 0 and today > document.due_on,
        is_cancelled=is_cancelled(document),
    )


def _licenses(
    loaded: LoadedService, facts: SummaryFacts, *, today: date, returning: Mapping[str, ReturningSeats]
) -> tuple[LicenseFigure, ...]:
    numbers = {charge.line_id: charge.number for charge in facts.charges}
    return tuple(
        _license(loaded, edition, numbers=numbers, today=today, returning=returning.get(edition.edition))
        for edition in loaded.state.editions
    )


def _standing_lines(edition: EditionState) -> list[int]:
    """Ids of the charges of seats that are still held, oldest first."""
    return sorted(int(line.reference) for line in edition.billed if line.seats > line.credited_seats)


def _license(
    loaded: LoadedService,
    edition: EditionState,
    *,
    numbers: Mapping[int, str],
    today: date,
    returning: ReturningSeats | None,
) -> LicenseFigure:
    view = loaded.offers[edition.edition].edition
    renews_on = None
    if edition.held and edition.term_start is not None:
        renews_on = term_end(loaded.state.rhythm, term_start=edition.term_start)
    return LicenseFigure(
        edition=edition.edition,
        edition_name=view.name,
        former_names=view.former_names,
        directory_sku_id=view.directory_sku_id,
        held=edition.held,
        planned=edition.planned,
        unit_price=edition.unit_price,
        renews_on=renews_on,
        document_numbers=tuple(dict.fromkeys(numbers[line_id] for line_id in _standing_lines(edition))),
        returning=returning.seats if returning else 0,
        returnable=() if returning else returnable_figures(edition, day=today),
    )
