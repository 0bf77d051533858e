"""Delivery to people: those named in the quote, and the holders of an edition that goes, get their new license.

One act per person, add and remove together; nobody is without a license in between (billing rule: Change of edition).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import transaction

from perseat.capabilities.catalog.models import Edition
from perseat.capabilities.provisioning.actions import keep_people
from perseat.capabilities.provisioning.queries import Work, get_work, sum_upgraded_from
from perseat.capabilities.subscriptions.models import Subscription
from perseat.journeys.assignment import give_and_take
from perseat.journeys.delivery_holders import list_holders, read_seats_there
from perseat.journeys.delivery_outcomes import Done, Outcome, Stuck, ask
from perseat.ports.failures import NotFound, Refused
from perseat.ports.outside import Outside


def deliver_people(outside: Outside, work: Work) -> Outcome:
    """Move everybody; whoever is as wanted already is left alone.

    :raises Unanswered, CredentialsRefused, WritesAreOff: nothing is known, or nothing was sent.
    """
    if work.exchanges:
        _write_down_who_moves(outside, work)
        work = get_work(work.delivery_id)
    people = [dict(each) for each in work.people]
    skus = _edition_skus()
    refused = []
    for entry in people:
        if entry.get("is_done"):
            continue
        try:
            _move(outside, work, entry, skus)
        except NotFound:
            entry["is_done"] = True  # who was deleted meanwhile holds nothing
        except Refused as refusal:
            refused.append(f"{entry.get('name') or entry['person_id']}: {refusal.sentence}")
            continue
        else:
            entry["is_done"] = True
        with transaction.atomic():
            keep_people(work.delivery_id, people=people)
    if refused:
        return Stuck(sentence=" ".join(refused)[:500])
    return _check_nobody_is_left(outside, work)


def _move(outside: Outside, work: Work, entry: dict[str, Any], skus: dict[str, str]) -> None:
    ask(
        outside,
        work,
        question="move person",
        about=entry["person_id"],
        call=lambda _id: give_and_take(
            outside,
            tenant_id=work.tenant_id,
            country=work.country,
            person_id=entry["person_id"],
            add=[skus[entry["add"]]] if entry.get("add") else [],
            remove=[skus[entry["remove"]]] if entry.get("remove") else [],
        ),
    )


def _write_down_who_moves(outside: Outside, work: Work) -> None:
    """Find the holders of each edition that goes, once; from then on the list stands."""
    people = [dict(each) for each in work.people]
    named = {(each["person_id"], each.get("remove")) for each in people}
    there = read_seats_there(outside, work)
    for source in dict.fromkeys(each["source"] for each in work.exchanges):
        sku_id = _edition_skus()[source]
        targets = [each for each in work.exchanges if each["source"] == source]
        already = sum(each.get("remove") == source for each in people)
        holders = list_holders(outside, work, sku_id=sku_id)
        too_many = holders.all - _seats_left(work, source, there[sku_id]) - already
        unnamed = [each for each in holders.direct if (each.person_id, source) not in named]
        places = [each["target"] for each in targets for _ in range(each["seats"])][already:]
        for person, target in zip(unnamed[: max(too_many, 0)], places, strict=False):
            people.append(
                {
                    "person_id": person.person_id,
                    "name": person.display_name,
                    "add": target,
                    "remove": source,
                    "is_done": False,
                }
            )
    with transaction.atomic():
        keep_people(work.delivery_id, people=people)


def _seats_left(work: Work, source: str, there: int) -> int:
    """Seats of an edition that remain in the tenant after the order, all sellers' counted; `there`: those of now."""
    return max(there - _seats_that_go(work, source), 0)


def _seats_that_go(work: Work, source: str) -> int:
    """Seats of an edition that this order's later deliveries will take away; upgraded ones have gone already."""
    rows = Subscription.objects.filter(service_id=work.service_id, offer__edition__code=source)
    goes = [
        max(before - after, 0)
        for before, after in rows.filter(deliveries__order_id=work.order_id, deliveries__step__gt=work.step)
        .exclude(deliveries__act="plan_renewal")
        .values_list("deliveries__seats_before", "deliveries__seats")
    ]
    return max(sum(goes) - sum_upgraded_from(work.order_id, edition=source), 0)


def _check_nobody_is_left(outside: Outside, work: Work) -> Outcome:
    """Before the old seats go: nobody may still need them."""
    sources = {each.get("remove") for each in work.people if each.get("remove")}
    going = sorted(source for source in sources if source and _seats_that_go(work, source))
    there = read_seats_there(outside, work) if going else Counter[str]()
    skus, names = _edition_skus(), dict(Edition.objects.values_list("code", "name"))
    for source in going:
        holders = list_holders(outside, work, sku_id=skus[source])
        left = holders.all - _seats_left(work, source, there[skus[source]])
        if left > 0:
            people = "1 person still holds" if left == 1 else f"{left} people still hold"
            return Stuck(sentence=f"{people} {names[source]}, whose seats go. Give them another license, then retry.")
    return Done()


def _edition_skus() -> dict[str, str]:
    return {code: str(sku_id) for code, sku_id in Edition.objects.values_list("code", "directory_sku_id")}
