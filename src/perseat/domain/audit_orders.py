"""Audit of orders: each is what its quote says, stands where its events say, and moved the seats that it should."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from perseat.domain.audit_facts import (
    AuditedMovement,
    AuditedOrder,
    AuditedService,
    AuditedSubscription,
    CustomerBooks,
    Difference,
)
from perseat.domain.fulfillment import OrderState
from perseat.domain.quote_values import EditionState

_ORDER = "order "
_REFUSED = " refused"


def compare_orders(books: CustomerBooks) -> Iterator[Difference]:
    """Every difference between orders, their quotes and events, and the history of the seats."""
    orders = {f"{_ORDER}{each.order_id}": each for each in books.orders}
    services = {each.service_id for each in books.services}
    for order in books.orders:
        if order.service_id not in services:
            yield _differs(order, "its service", "one of the customer's", str(order.service_id))
        yield from _compare_order(order)
    for service in books.services:
        for subscription in service.subscriptions:
            yield from _compare_movements(service, subscription, orders)
        yield from _compare_effects(service, books)


def _compare_order(order: AuditedOrder) -> Iterator[Difference]:
    last = order.events[-1][0] if order.events else "no state"
    if order.state != last:
        yield _differs(order, "state (by its events)", last, order.state)
    first = order.events[0] if order.events else ("no state", None)
    if first != (OrderState.AWAITING_PAYMENT, order.accepted_at):
        yield _differs(order, "its first event", f"accepted at {order.accepted_at}", f"{first[0]} at {first[1]}")
    yield from _compare_lines(order)
    if order.quote.lines and not order.is_return and not order.document_ids:
        yield _differs(order, "its document", "an issued document", "none")


def _compare_lines(order: AuditedOrder) -> Iterator[Difference]:
    """A line for each edition that the quote changes, with its totals and its price."""
    before = {edition.edition: edition for edition in _editions(order)}
    lines = {line.edition: line for line in order.lines}
    outcomes = {edition: (now, planned) for edition, now, planned in order.quote.outcomes}
    for edition in sorted({*lines, *outcomes}):
        line, outcome, state = lines.get(edition), outcomes.get(edition), before.get(edition)
        if line is None:
            if state is not None and (state.held, state.planned) != outcome:
                yield _differs(order, f"a line of {edition} (by the quote)", str(outcome), "no line")
            continue
        if outcome != (line.seats_now, line.planned):
            found = str((line.seats_now, line.planned))
            yield _differs(order, f"{edition}, total and plan (by the quote)", str(outcome), found)
        if state is not None and (state.held, state.unit_price) != (line.seats_before, line.unit_price):
            expected, found = str((state.held, state.unit_price)), str((line.seats_before, line.unit_price))
            yield _differs(order, f"{edition}, held before and unit price (by the quote)", expected, found)


def _editions(order: AuditedOrder) -> Sequence[EditionState]:
    return order.quote.state.editions if order.quote.state else ()


def _compare_movements(
    service: AuditedService, subscription: AuditedSubscription, orders: Mapping[str, AuditedOrder]
) -> Iterator[Difference]:
    """Each movement follows from the one before it, and from the order, renewal or refusal that made it."""
    before: AuditedMovement | None = None
    for movement in subscription.movements:
        allowed = _allowed(subscription, movement, before, orders)
        if allowed is not None and (movement.seats, movement.planned) not in allowed:
            yield Difference(
                subject=f"service {service.service_id} ({service.name})",
                what=f"{subscription.edition} from {movement.effective_on} ({movement.cause}), held and planned",
                expected=" or ".join(map(str, allowed)) or "no such movement",
                found=str((movement.seats, movement.planned)),
            )
        before = movement


def _allowed(
    subscription: AuditedSubscription,
    movement: AuditedMovement,
    before: AuditedMovement | None,
    orders: Mapping[str, AuditedOrder],
) -> list[tuple[int, int | None]] | None:
    """Pairs of totals held and planned; None where nothing but the movement itself tells (seats taken over)."""
    held, planned = (before.seats, before.planned) if before else (0, None)
    if movement.is_adoption:
        return None if before is None else []
    if movement.is_renewal:
        return [(held if planned is None else planned, None)] if before else []
    order = orders.get(movement.cause.removesuffix(_REFUSED))
    line = next((each for each in order.lines if each.edition == subscription.edition), None) if order else None
    if order is None or line is None:
        return []
    if movement.cause.endswith(_REFUSED):
        came = sum(seats for source, _target, seats in order.upgrades if source == subscription.edition)
        kept = sum(seats for _source, target, seats in order.done_upgrades if target == subscription.edition)
        totals = {max(held + line.seats_before - line.seats_now + kept, 0), max(held + came, 0)}
        totals |= {held + seats for source, _target, seats in order.upgrades if source == subscription.edition}
        return [(total, each) for total in sorted(totals) for each in (planned, None)]
    found = [(line.seats_now, line.planned if line.seats_now else None)]
    if order.is_return and line.seats_now < line.seats_before:
        waiting = line.seats_now if line.planned is None else line.planned
        reached = range(line.seats_now, line.seats_before + 1)
        found += [(total, None if total in (waiting, 0) else waiting) for total in reached]
    return found


def _compare_effects(service: AuditedService, books: CustomerBooks) -> Iterator[Difference]:
    """An order that began has moved the seats of each of its lines, on the day and at the moment it says."""
    moved = {
        (movement.cause, subscription.edition): movement
        for subscription in service.subscriptions
        for movement in reversed(subscription.movements)
    }
    for order in books.orders:
        began = next((at for state, at in order.events if state == OrderState.PAID), None)
        if order.service_id != service.service_id or began is None:
            continue
        for line in order.lines:
            movement = moved.get((f"{_ORDER}{order.order_id}", line.edition))
            if movement is None and (line.seats_before or line.seats_now):
                yield _differs(order, f"seats of {line.edition}", f"held {line.seats_now}", "no movement")
            elif movement is not None and (movement.effective_on, movement.recorded_at) != (order.effective_on, began):
                yield _differs(
                    order,
                    f"when its seats of {line.edition} began",
                    f"{order.effective_on}, recorded {began}",
                    f"{movement.effective_on}, recorded {movement.recorded_at}",
                )


def _differs(order: AuditedOrder, what: str, expected: str, found: str) -> Difference:
    return Difference(subject=f"order {order.order_id}", what=what, expected=expected, found=found)
