"""Delivery of an upgrade: seats of one edition become seats of another by the supplier's own upgrade, where it may.

It only makes the rest of the order shorter: what it does not bring, the deliveries behind it buy, move and give back.
An upgrade is final at the supplier, so it is looked for before it is asked for, and asked for once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from perseat.capabilities.catalog.models import Edition
from perseat.capabilities.provisioning.actions import (
    finish_covered_increase,
    keep_directory_seats,
    keep_operation,
    keep_upgraded_seats,
)
from perseat.capabilities.provisioning.queries import Work, get_work, list_operations_of_service
from perseat.capabilities.subscriptions.models import Subscription
from perseat.capabilities.subscriptions.supplier_facts import hand_over
from perseat.domain.upgrade_way import (
    Decision,
    EditionInTenant,
    OfferedUpgrade,
    UpgradeWay,
    UpgradingSubscription,
    decide_on_error,
    decide_upgrade,
)
from perseat.journeys.delivery_holders import list_holders, read_seats_there
from perseat.journeys.delivery_outcomes import Accepted, Done, NotUsed, Outcome, Stuck, Unknown, ask
from perseat.journeys.delivery_seats import look_in_directory, read_supplied
from perseat.journeys.seat_counts import read_seat_counts
from perseat.ports.failures import NotFound, Refused
from perseat.ports.outside import Outside
from perseat.ports.seat_provider import (
    SupplierStatus,
    SupplierSubscription,
    SupplierUpgrade,
    UpgradePath,
    UpgradeStage,
)

_BY_UPGRADE = "Microsoft's upgrade brought these seats."
_NOT_THERE = "The old seats are not at Microsoft."
# The supplier's clock may be behind ours by as much.
_CLOCKS_DIFFER_BY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """The edition that seats leave, and the subscription that delivers it."""

    edition: str
    sku_id: str
    seats: int
    subscription_id: int
    supplier_subscription_id: str


def deliver_upgrade(outside: Outside, work: Work) -> Outcome:
    """Carry out UPGRADE as far as it goes now; NotUsed where the seats have to be bought instead.

    :raises Unanswered, CredentialsRefused, WritesAreOff: nothing is known, or nothing was sent.
    """
    if work.upgraded_seats:
        return _look(outside, work)
    source = _source(work)
    if not source.supplier_subscription_id:
        return NotUsed(sentence=_NOT_THERE)
    known = _list_upgrades(outside, work, source)
    own = _own(known, work)
    if own is None:
        return _begin(outside, work, source, asked_before=len(known))
    return _follow(outside, work, source, own)


def finish_what_it_covers(work: Work, reading: SupplierSubscription | None, *, now: datetime) -> None:
    """In the caller's transaction: the increase behind an upgrade is over when the upgrade brought all of it.

    Not while a plan has to be told to the supplier again.
    """
    if reading is None or not reading.renews_itself or reading.renewal_seats is not None:
        return
    if work.planned_seats is None:
        finish_covered_increase(
            work.order_id, subscription_id=work.subscription_id, seats=reading.seats, now=now, sentence=_BY_UPGRADE
        )


def _begin(outside: Outside, work: Work, source: _Source, *, asked_before: int) -> Outcome:
    """Decide whether the supplier's upgrade is used, and ask for it. `asked_before`: numbers the attempts there."""
    try:
        supplied = _read_source(outside, work, source)
    except NotFound:
        return NotUsed(sentence=_NOT_THERE)
    if supplied.status is SupplierStatus.PENDING:
        return _as_outcome(decide_on_error("9"))
    target = _read_target(outside, work)
    paths = _fitting_paths(outside, work, source)
    there = read_seats_there(outside, work)
    decision = decide_upgrade(
        seats=source.seats,
        source=_facts(supplied),
        target=_facts(target) if target else None,
        terms=(work.term, work.cycle),
        old=_in_tenant(outside, work, there[source.sku_id], sku_id=source.sku_id),
        new=EditionInTenant(purchased=there[work.directory_sku_id], assigned=0),
        paths=tuple(
            OfferedUpgrade(is_open=each.is_open, moves_licenses=each.moves_licenses, codes=each.codes) for each in paths
        ),
        now=outside.clock.now(),
    )
    if decision.way not in (UpgradeWay.WHOLE, UpgradeWay.PART, UpgradeWay.INTO):
        return _as_outcome(decision)
    shown = read_seat_counts(outside, tenant_row_id=work.tenant_row_id).of(work.directory_sku_id)
    with transaction.atomic():
        keep_directory_seats(work.delivery_id, directory_seats=(shown.purchased if shown else 0) + source.seats)
    path = next(each for each in paths if each.is_open and each.moves_licenses == (decision.way is UpgradeWay.WHOLE))
    return _start(outside, work, source, path=path, way=decision.way, asked_before=asked_before)


def _start(
    outside: Outside, work: Work, source: _Source, *, path: UpgradePath, way: UpgradeWay, asked_before: int
) -> Outcome:
    try:
        started = ask(
            outside,
            work,
            question="upgrade",
            about=f"{source.seats} {source.edition} #{asked_before + 1}",
            call=lambda request_id: outside.seats.start_upgrade(
                work.tenant_id,
                subscription_id=source.supplier_subscription_id,
                path=path,
                seats=source.seats,
                into_subscription_id=work.supplier_subscription_id if way is UpgradeWay.INTO else "",
                request_id=request_id,
            ),
        )
    except Refused as refusal:
        if refusal.is_for_staff:
            return Stuck(code=refusal.code, sentence=refusal.sentence)
        return _as_outcome(Decision(way=UpgradeWay.BUY, reason=refusal.sentence))
    _keep(work, started)
    if started.seats_stage is UpgradeStage.STARTED or not started.operation_id:
        own = _own(_list_upgrades(outside, work, source), get_work(work.delivery_id))
        if own is None:
            return Accepted(sentence="Microsoft has taken the upgrade and does not show it yet.")
        started = own
    return _follow(outside, get_work(work.delivery_id), source, started)


def _follow(outside: Outside, work: Work, source: _Source, upgrade: SupplierUpgrade) -> Outcome:
    """An upgrade that was asked for: wait for it, take it over, or say why it failed."""
    _keep(work, upgrade)
    if upgrade.seats_stage is UpgradeStage.FAILED:
        with transaction.atomic():
            keep_operation(work.delivery_id, operation_id="")
        return _as_outcome(decide_on_error(upgrade.codes[0] if upgrade.codes else "0"))
    if UpgradeStage.STARTED in (upgrade.seats_stage, upgrade.licenses_stage):
        return Accepted(sentence="Microsoft has taken the upgrade and carries it out.")
    if upgrade.seats_stage is UpgradeStage.NOT_ASKED:
        return Stuck(sentence="Microsoft shows the upgrade without its state; please look at Partner Center.")
    target_id = upgrade.target_subscription_id or _find_target(outside, work, source)
    if not target_id:
        return Accepted(sentence="Microsoft has carried out the upgrade and does not show the new subscription yet.")
    with transaction.atomic():
        hand_over(
            source_id=source.subscription_id,
            target_id=work.subscription_id,
            supplier_subscription_id=target_id,
        )
        keep_upgraded_seats(work.delivery_id, seats=source.seats)
    return _look(outside, get_work(work.delivery_id))


def _look(outside: Outside, work: Work) -> Outcome:
    """The seats are there: read them, and wait until people can be given them."""
    try:
        supplied = read_supplied(outside, work)
    except NotFound:
        return Accepted(sentence="Microsoft has carried out the upgrade and does not show the subscription yet.")
    seen = look_in_directory(outside, work)
    return Done(sentence=seen.sentence, reading=supplied) if isinstance(seen, Done) else seen


def _source(work: Work) -> _Source:
    exchange = work.exchanges[0]
    row = (
        Subscription.objects.select_related("offer__edition")
        .filter(service_id=work.service_id, offer__edition__code=exchange["source"])
        .order_by("-pk")
        .first()
    )
    sku_id = Edition.objects.values_list("directory_sku_id", flat=True).get(code=exchange["source"])
    return _Source(
        edition=exchange["source"],
        sku_id=str(sku_id),
        seats=exchange["seats"],
        subscription_id=row.pk if row else 0,
        supplier_subscription_id=row.supplier_subscription_id if row else "",
    )


def _list_upgrades(outside: Outside, work: Work, source: _Source) -> Sequence[SupplierUpgrade]:
    try:
        return ask(
            outside,
            work,
            question="list upgrades",
            call=lambda _id: outside.seats.list_upgrades(
                work.tenant_id, subscription_id=source.supplier_subscription_id
            ),
        )
    except NotFound:
        return ()


def _own(upgrades: Sequence[SupplierUpgrade], work: Work) -> SupplierUpgrade | None:
    """The upgrade of this delivery among all of the subscription: by its id, or, when its answer was lost, by its kind.

    One that has failed is only ours by its id: asking again then begins a new one.
    """
    if work.operation_id:
        return next((each for each in upgrades if _name(each) == work.operation_id), None)
    others = list_operations_of_service(work.service_id, but=work.delivery_id)
    wanted = (work.supplier_product_id, work.supplier_sku_id, work.exchanges[0]["seats"])
    since = work.created_at - _CLOCKS_DIFFER_BY
    return next(
        (
            each
            for each in upgrades
            if (each.product_id, each.sku_id, each.seats) == wanted
            and each.seats_stage is not UpgradeStage.FAILED
            and _name(each) not in others
            and (each.started_at is None or each.started_at >= since)
        ),
        None,
    )


def _name(upgrade: SupplierUpgrade) -> str:
    """Its id, or, when the supplier tells none, the moment at which it began."""
    return upgrade.operation_id or (upgrade.started_at.isoformat() if upgrade.started_at else "upgrade")


def _keep(work: Work, upgrade: SupplierUpgrade) -> None:
    if upgrade.operation_id and upgrade.operation_id != work.operation_id:
        with transaction.atomic():
            keep_operation(work.delivery_id, operation_id=upgrade.operation_id)


def _read_source(outside: Outside, work: Work, source: _Source) -> SupplierSubscription:
    return ask(
        outside,
        work,
        question="read old seats",
        call=lambda _id: outside.seats.get_subscription(
            work.tenant_id, subscription_id=source.supplier_subscription_id
        ),
    )


def _read_target(outside: Outside, work: Work) -> SupplierSubscription | None:
    """The subscription that seats may be moved into; one that has ended takes none."""
    if not work.supplier_subscription_id:
        return None
    try:
        supplied = read_supplied(outside, work)
    except NotFound:
        return None
    return None if supplied.status is SupplierStatus.ENDED else supplied


def _fitting_paths(outside: Outside, work: Work, source: _Source) -> list[UpgradePath]:
    paths = ask(
        outside,
        work,
        question="list upgrade paths",
        call=lambda _id: outside.seats.list_upgrade_paths(
            work.tenant_id, subscription_id=source.supplier_subscription_id
        ),
    )
    wanted = (work.supplier_product_id, work.supplier_sku_id)
    return [each for each in paths if (each.product_id, each.sku_id) == wanted]


def _find_target(outside: Outside, work: Work, source: _Source) -> str:
    """The subscription that an upgrade opened, when the supplier does not name it: the newest that is not ours yet."""
    ours = set(Subscription.objects.exclude(supplier_subscription_id="").values_list("supplier_subscription_id"))
    known = {each for (each,) in ours} - {source.supplier_subscription_id}
    found = [
        each
        for each in outside.seats.list_subscriptions(work.tenant_id)
        if (each.product_id, each.sku_id) == (work.supplier_product_id, work.supplier_sku_id)
        and each.status is not SupplierStatus.ENDED
        and each.seats == source.seats
        and each.subscription_id not in known
    ]
    newest = max(found, key=lambda each: each.started_at, default=None)
    return newest.subscription_id if newest else work.supplier_subscription_id


def _facts(supplied: SupplierSubscription) -> UpgradingSubscription:
    return UpgradingSubscription(
        seats=supplied.seats,
        is_active=supplied.status is SupplierStatus.ACTIVE,
        term=supplied.term,
        cycle=supplied.cycle,
        ends_on=supplied.term_ends_on,
        cancellable_until=supplied.cancellable_until,
    )


def _in_tenant(outside: Outside, work: Work, seats: int, *, sku_id: str) -> EditionInTenant:
    holders = list_holders(outside, work, sku_id=sku_id)
    return EditionInTenant(purchased=seats, assigned=holders.all, held_by_group=holders.by_group)


def _as_outcome(decision: Decision) -> Outcome:
    match decision.way:
        case UpgradeWay.WAIT:
            return Unknown(sentence=decision.reason)
        case UpgradeWay.ASK_STAFF:
            return Stuck(sentence=decision.reason)
        case _:
            return NotUsed(sentence=f"The seats are bought instead. {decision.reason}")
