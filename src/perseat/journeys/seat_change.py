"""Seat change: from the totals a customer types to a stored quote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction

from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import require_member
from perseat.capabilities.invoicing.queries import document_of_order
from perseat.capabilities.ordering.credit_basis import columns_of
from perseat.capabilities.ordering.models import Order, Quote, QuoteLine
from perseat.capabilities.payments.queries import get_available_minor, get_open_minor
from perseat.capabilities.provisioning.returns import ReturningSeats, list_returning
from perseat.capabilities.subscriptions.models import Service
from perseat.domain.calendar import get_zone, local_day
from perseat.domain.checkout import split_payment
from perseat.domain.fulfillment import OrderState
from perseat.domain.quote import QuotedChange, quote_change
from perseat.domain.rights import may_buy
from perseat.domain.room import Room
from perseat.domain.tenant_facts import Account
from perseat.journeys.catching_up import catch_up
from perseat.journeys.figure_making import DECREASES, EDITIONS, RECURRING, TAXES, UPGRADES, figures_of_change
from perseat.journeys.figures import QuoteFigures
from perseat.journeys.parking import check_not_parked
from perseat.journeys.quote_inputs import dump_inputs
from perseat.journeys.room import list_rooms
from perseat.journeys.service_state import LoadedService, get_service_row, load_around
from perseat.journeys.taxation import PriceKind


class SeatsOutOfRange(ValueError):
    """More seats of an edition than the supplier sells to one tenant. `edition` is its name, `code` its code.

    `maximum`: what can be held here; `room`: what else is known, when others' seats or Microsoft's word make it less.
    """

    def __init__(self, *, edition: str, maximum: int, code: str, room: Room | None = None) -> None:
        super().__init__(f"{edition}: at most {maximum} seats can be held{_because(room)}")
        self.edition = edition
        self.maximum = maximum
        self.code = code


def _because(room: Room | None) -> str:
    if room is None or room.most >= room.maximum:
        return "."
    allowed = f" here. Microsoft allows {room.maximum} in one tenant over all sellers"
    if room.elsewhere and room.most == room.maximum - room.elsewhere:
        return f"{allowed}, and {room.elsewhere} of them are with other sellers."
    return f"{allowed} and has said that no more are free."


class NothingWouldChange(ValueError):
    """The totals are what is held and planned already."""

    def __init__(self) -> None:
        super().__init__("These totals are what you have already, so there is nothing to check out.")


class ServiceNotBegun(NothingWouldChange):
    """Seats that were taken over can be changed from the first day that we charge them."""

    def __init__(self, *, starts_on: date) -> None:
        ValueError.__init__(self, f"Your seats can be changed here from {starts_on:%-d %B %Y} on.")
        self.starts_on = starts_on


class SeatsComeBack(ValueError):
    """Seats that the change touches are on their way back to Microsoft. `code`: an edition that was typed."""

    def __init__(self, *, order_id: int, code: str) -> None:
        super().__init__(
            f"Order {order_id} gives seats back, and Microsoft has not answered yet. Please come back in a while; "
            "only seats of other editions can be added now."
        )
        self.order_id = order_id
        self.code = code


class AgreementMissing(ValueError):
    """Microsoft would refuse the order, so no money is taken for it. `domain`: of the tenant."""

    def __init__(self, *, domain: str) -> None:
        super().__init__(
            f"Nobody has accepted the Microsoft Customer Agreement for {domain} yet, and without it Microsoft sells "
            "no seats. Our billing team helps you with it; then you can check out here."
        )
        self.domain = domain


class AccountNotApproved(ValueError):
    """Microsoft has said that it takes no order for the tenant yet, so no money is taken for one either."""

    def __init__(self, *, domain: str) -> None:
        super().__init__(
            f"Microsoft has not approved {domain} for purchases yet; it is looking at your company's details. "
            "You can check out here as soon as it has. Our billing team knows more."
        )
        self.domain = domain


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingPerson:
    """A person who gets `add` (edition code, "" for none) and loses `remove` when the order is delivered.

    `name`: as it was when they were chosen.
    """

    person_id: str
    add: str
    remove: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePreview:
    """What totals would mean now; nothing is stored. `is_change`: whether there is something to check out.

    `cycle`: what a unit price is for. `price_kind`: what it says of tax. `has_agreement`: without it no seats can be
    ordered (AgreementMissing). `returning`: seats that wait for Microsoft's answer and cannot be changed until then.
    """

    service_id: int
    service_name: str
    domains: tuple[str, ...]
    figures: QuoteFigures
    is_change: bool
    open_order_id: int | None
    cycle: str
    price_kind: PriceKind
    has_agreement: bool
    returning: tuple[ReturningSeats, ...]


def preview_change(*, customer_id: int, service_id: int, wanted: Mapping[str, int], now: datetime) -> ChangePreview:
    """What `wanted` (edition code → total) would mean; an empty mapping shows what is held and planned.

    Nothing is stored of it; what was due before (lapses, renewals of the day) is done first (rule 4).

    :raises DoesNotBelong: when the service is not the customer's.
    :raises SeatsOutOfRange: for more than the supplier's maximum.
    :raises SeatsComeBack: for seats that wait for the supplier's answer to an earlier order.
    :raises EditionUnknown, SeatsNotCountable: (perseat.domain.quote) for other totals that cannot be.
    """
    _caught_up(service_id, customer_id=customer_id, now=now)
    decision = decide_change(service_id, customer_id=customer_id, wanted=wanted, now=now)
    return ChangePreview(
        service_id=service_id,
        service_name=decision.loaded.service.name,
        domains=tuple(decision.loaded.service.tenant.domains),
        figures=decision.figures,
        is_change=decision.is_change,
        open_order_id=decision.open_order.pk if decision.open_order else None,
        cycle=decision.loaded.service.cycle,
        price_kind=decision.loaded.taxation.price_kind,
        has_agreement=decision.loaded.service.tenant.has_agreement,
        returning=decision.returning,
    )


def make_quote(
    *,
    customer_id: int,
    service_id: int,
    wanted: Mapping[str, int],
    user_id: int,
    now: datetime,
    people: tuple[MovingPerson, ...] = (),
) -> UUID:
    """Store the quote and return its public id. Raises what `preview_change` raises, and more.

    :raises NotAllowed: (accounts.queries) when the member may not buy.
    :raises NothingWouldChange: when there is nothing to check out, or not yet (ServiceNotBegun).
    :raises AgreementMissing, AccountNotApproved: when Microsoft would refuse the seats that are ordered.
    :raises ServiceIsParked: (journeys.parking) when the customer's books are being checked.
    """
    require_member(user_id, customer_id=customer_id, right=may_buy, act="change the number of seats")
    return _quote(service_id, customer_id=customer_id, wanted=wanted, user_id=user_id, people=people, now=now)


def make_quote_as_staff(
    *, customer_id: int, service_id: int, wanted: Mapping[str, int], staff_id: int, now: datetime
) -> UUID:
    """As make_quote, by somebody of the provider in the customer's name. :raises NotStaff: for everybody else."""
    require_staff(staff_id, act="order for a customer")
    return _quote(service_id, customer_id=customer_id, wanted=wanted, user_id=staff_id, people=(), now=now)


def _quote(
    service_id: int,
    *,
    customer_id: int,
    wanted: Mapping[str, int],
    user_id: int,
    people: tuple[MovingPerson, ...],
    now: datetime,
) -> UUID:
    service = _caught_up(service_id, customer_id=customer_id, now=now)
    check_not_parked(service.customer)
    if local_day(now, service.customer.time_zone) < service.billing_starts_on:
        raise ServiceNotBegun(starts_on=service.billing_starts_on)
    decision = decide_change(service_id, customer_id=customer_id, wanted=wanted, now=now)
    if not decision.is_change:
        raise NothingWouldChange
    buys = any(outcome.now > outcome.held for outcome in decision.change.outcomes)
    if buys and not service.tenant.has_agreement:
        raise AgreementMissing(domain=service.tenant.domain)
    if buys and service.tenant.account in (Account.IN_REVIEW, Account.NOT_ALLOWED):
        raise AccountNotApproved(domain=service.tenant.domain)
    return _store(decision, wanted=wanted, user_id=user_id, people=people, now=now).public_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decided change with all that it rests on; `open_order`: what it would replace; `wanted`: what was decided."""

    loaded: LoadedService
    change: QuotedChange
    figures: QuoteFigures
    open_order: Order | None
    returning: tuple[ReturningSeats, ...]
    wanted: Mapping[str, int]

    @property
    def is_change(self) -> bool:
        """Whether anything would be held, planned or billed otherwise."""
        plans = {state.edition: state.planned for state in self.loaded.state.editions}
        return bool(self.change.lines) or any(
            outcome.now != outcome.held or outcome.planned != plans[outcome.edition] for outcome in self.change.outcomes
        )


def decide_change(service_id: int, *, customer_id: int, wanted: Mapping[str, int], now: datetime) -> Decision:
    """Load, then decide: the one way to a change, for previews, quotes and the check at acceptance (rule 15)."""
    row = get_service_row(service_id, customer_id=customer_id)
    day = local_day(now, row.customer.time_zone)
    if day < row.billing_starts_on:  # seats that were taken over: shown as they will be on their first day
        day, wanted = row.billing_starts_on, {}
    loaded = load_around(row, day=day, known_at=now)
    returning = list_returning(service_id)
    wanted = _without_those_returning(wanted, returning)
    change = quote_change(loaded.state, day=day, wanted=wanted)
    _check_maximums(loaded, wanted)
    _check_room(loaded, change, now=now)
    _check_nothing_returning(change, wanted, returning)
    open_order = get_open_order(service_id)
    total = change.totals.total_minor if change.totals else 0
    available = available_for_checkout(loaded.customer, open_order=open_order)
    from_balance, to_pay = split_payment(total, available)
    return Decision(
        loaded=loaded,
        change=change,
        figures=figures_of_change(loaded, change, from_balance_minor=from_balance, to_pay_minor=to_pay),
        open_order=open_order,
        returning=returning,
        wanted=wanted,
    )


def get_open_order(service_id: int) -> Order | None:
    """The service's order that awaits payment, if any."""
    return Order.objects.filter(service_id=service_id, state=OrderState.AWAITING_PAYMENT).first()


def available_for_checkout(customer: Customer, *, open_order: Order | None) -> int:
    """The balance, with what was already paid of an open order: replacing the order gives that back."""
    available = get_available_minor(customer.pk, currency=customer.currency)
    document = document_of_order(open_order) if open_order is not None else None
    if document is not None:
        available += max(document.total_minor, 0) - get_open_minor(document)
    return available


def end_of_day(day: date, *, zone_name: str) -> datetime:
    """The local midnight after a day, as a moment."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=get_zone(zone_name))


def _caught_up(service_id: int, *, customer_id: int, now: datetime) -> Service:
    service = get_service_row(service_id, customer_id=customer_id)
    catch_up(service.customer_id, now=now)
    return service


def _without_those_returning(wanted: Mapping[str, int], returning: tuple[ReturningSeats, ...]) -> Mapping[str, int]:
    """Who types what an order under way leads to anyhow changes nothing."""
    totals = {each.edition: each.total_after for each in returning}
    return {edition: seats for edition, seats in wanted.items() if totals.get(edition) != seats}


def _check_nothing_returning(
    change: QuotedChange, wanted: Mapping[str, int], returning: tuple[ReturningSeats, ...]
) -> None:
    """The credit that is promised was computed from what was billed then: nothing else is credited before it."""
    if not returning:
        return
    touched = [each for each in returning if each.edition in wanted]
    if touched:
        raise SeatsComeBack(order_id=touched[0].order_id, code=touched[0].edition)
    credited = next((line for line in change.lines if line.credits is not None), None)
    if credited is not None:
        raise SeatsComeBack(order_id=returning[0].order_id, code=credited.edition)


def _check_maximums(loaded: LoadedService, wanted: Mapping[str, int]) -> None:
    for code, seats in wanted.items():
        edition = loaded.offers[code].edition
        if seats > edition.maximum_seats:
            raise SeatsOutOfRange(edition=edition.name, maximum=edition.maximum_seats, code=code)


def _check_room(loaded: LoadedService, change: QuotedChange, *, now: datetime) -> None:
    """Seats that Microsoft would refuse are refused before anybody pays, where that is known."""
    growing = [outcome for outcome in change.outcomes if outcome.now > outcome.held]
    rooms = list_rooms(loaded, now=now) if growing else {}
    for outcome in growing:
        room = rooms[outcome.edition]
        if outcome.now > room.most:
            name = loaded.offers[outcome.edition].edition.name
            raise SeatsOutOfRange(edition=name, maximum=room.most, code=outcome.edition, room=room)


@transaction.atomic
def _store(
    decision: Decision, *, wanted: Mapping[str, int], user_id: int, people: tuple[MovingPerson, ...], now: datetime
) -> Quote:
    loaded, figures = decision.loaded, decision.figures
    quote = Quote.objects.create(
        customer=loaded.customer,
        service=loaded.service,
        made_by_id=user_id,
        made_at=now,
        day=figures.day,
        expires_at=end_of_day(figures.day, zone_name=loaded.customer.time_zone),
        service_version=loaded.service.version,
        inputs_fingerprint=loaded.fingerprint,
        inputs=dump_inputs(loaded.state, wanted=decision.wanted),
        currency=figures.currency,
        kind=figures.kind or "",
        period_start=figures.period_start,
        period_end=figures.period_end,
        net_minor=figures.net_minor,
        tax_minor=figures.tax_minor,
        due_today_minor=figures.due_today_minor,
        from_balance_minor=figures.from_balance_minor,
        to_pay_minor=figures.to_pay_minor,
        recurring_total_minor=figures.recurring_total_minor,
        next_charge_on=figures.next_charge_on,
        wanted=dict(wanted),
        outcomes=EDITIONS.dump_python(figures.editions, mode="json"),
        decreases=DECREASES.dump_python(figures.decreases, mode="json"),
        upgrades=UPGRADES.dump_python(figures.upgrades, mode="json"),
        recurring=RECURRING.dump_python(figures.recurring, mode="json"),
        taxes=TAXES.dump_python(figures.taxes, mode="json"),
        people=[asdict(person) for person in people],
    )
    QuoteLine.objects.bulk_create(_lines(decision, quote))
    return quote


def _lines(decision: Decision, quote: Quote) -> list[QuoteLine]:
    offers, change = decision.loaded.offers, decision.change
    line_taxes = change.totals.line_taxes if change.totals else ()
    return [
        QuoteLine(
            quote=quote,
            number=number,
            kind=line.kind,
            reason=line.reason,
            edition_id=offers[line.edition].edition.edition_id,
            partner_id=offers[line.partner].edition.edition_id if line.partner else None,
            seats=line.seats,
            start=line.start,
            end=line.end,
            days=line.days,
            period_days=line.period_days,
            unit_price=line.unit_price,
            amount_minor=line.amount_minor,
            tax_minor=line_tax,
            tax_category=line.tax_category,
            tax_rate=line.tax_rate,
            credits_line=int(line.credits) if line.credits else None,
            restores_line=int(line.restores) if line.restores else None,
            **columns_of(line.basis),
        )
        for number, (line, line_tax) in enumerate(zip(change.lines, line_taxes, strict=True), start=1)
    ]
