"""Catalog: every offer with its price, cost and margin; where prices come from; one offer with its prices by day."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from perseat.capabilities.catalog.pricing import (
    OfferGround,
    PriceNeedsReason,
    find_flags,
    first_day_of_price,
    list_grounds,
)
from perseat.capabilities.catalog.queries import (
    PriceList,
    list_editions,
    list_exchange_rates,
    list_markups,
    list_price_lists,
    list_reasons,
    list_upgrade_paths,
)
from perseat.capabilities.catalog.selling import OfferHasNoPrice
from perseat.capabilities.catalog.sheets import list_sheets
from perseat.domain.money import UnitPriceNotUsable
from perseat.domain.price_making import cost_on, days_to_judge, judge_on, latest
from perseat.domain.quote import DecreasePolicy
from perseat.entrypoints.backoffice.access import StaffRequest, administrator_page, staff_page
from perseat.entrypoints.backoffice.catalog_forms import PriceForm, SaleForm, SheetForm
from perseat.entrypoints.backoffice.clock import present_moment, today
from perseat.entrypoints.backoffice.labels import (
    CYCLES,
    MARKUP_KINDS,
    POLICIES,
    TERMS,
    VERDICTS,
    price_list_label,
)
from perseat.journeys.offers import enter_price, sell_offer, stop_selling_offer


@staff_page
def catalog(request: StaffRequest) -> HttpResponse:
    """List the offers on one of the price lists."""
    lists = dict(price_list_choices())
    chosen = request.GET.get("prices", "")
    chosen = chosen if chosen in lists else next(iter(lists))
    day = today()
    grounds = list_grounds()
    shown = [each for each in grounds if list_key(each.currency, includes_tax=each.includes_tax) == chosen]
    context = {
        "rows": [_row(each, day=day) for each in shown],
        "choices": list(lists.items()),
        "chosen": chosen,
        "flags": find_flags(grounds, today=day),
        "editions": _editions(),
        "sheets": list_sheets(page_size=5),
        "rules": [(each, MARKUP_KINDS[each.kind], price_list_label(each.prices)) for each in list_markups()],
        "rates": list_exchange_rates(),
        "form": SheetForm(),
        "market": settings.PERSEAT.provider_country,
    }
    return render(request, "office/catalog.html", context)


@staff_page
def offer(request: StaffRequest, offer_id: int) -> HttpResponse:
    """Show an offer's prices on every list, day by day; take a price by hand."""
    day = today()
    grounds = _grounds(offer_id)
    lists = price_list_choices()
    # The earliest day on which some list can have a new price; the journey's own list decides when it is typed.
    first_day = _first_day(grounds, key=request.POST.get("prices", ""), day=day)
    form = PriceForm(request.POST or None, lists=lists, first_day=first_day)
    if request.method == "POST" and form.is_valid() and _price_entered(request, form, offer_id=offer_id):
        return redirect("office:offer", offer_id)
    first = grounds[0]
    context = {
        "offer": first,
        "terms": f"{TERMS[first.term]}, {CYCLES[first.cycle].lower()}",
        "policy": POLICIES[DecreasePolicy(first.policy)],
        "days": [
            (price_list_label(PriceList(currency=each.currency, includes_tax=each.includes_tax)), each, rows)
            for each in grounds
            if (rows := _days(each, day=day))
        ],
        "flags": find_flags(grounds, today=day),
        "reasons": list_reasons(offer_id),
        "form": form,
        "sale_form": SaleForm(auto_id="sale_%s"),
    }
    return render(request, "office/offer.html", context, status=422 if form.errors else 200)


@require_POST
@administrator_page
def sale(request: StaffRequest, offer_id: int) -> HttpResponse:
    """Put an offer on sale, or take it off."""
    form = SaleForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        if request.POST.get("to") == "off":
            stop_selling_offer(offer_id, reason=reason, user_id=request.staff.user_id, now=present_moment())
            messages.success(request, "It is off sale. Who has it keeps it.")
        else:
            now = present_moment()
            sell_offer(offer_id, reason=reason, user_id=request.staff.user_id, now=now, today=today())
            messages.success(request, "It is on sale.")
    except LookupError:
        raise Http404 from None
    except (PriceNeedsReason, OfferHasNoPrice) as refusal:
        messages.error(request, str(refusal))
    return redirect("office:offer", offer_id)


def price_list_choices() -> list[tuple[str, str]]:
    """The price lists that there are, and those of the provider's own currency, by key and label."""
    known = list(list_price_lists())
    own = [PriceList(currency=settings.PERSEAT.currency, includes_tax=includes) for includes in (False, True)]
    known += [each for each in own if each not in known]
    return [(list_key(each.currency, includes_tax=each.includes_tax), price_list_label(each)) for each in known]


def list_key(currency: str, *, includes_tax: bool) -> str:
    """A price list in an address or a form: AUD-plus, AUD-incl."""
    return f"{currency}-{'incl' if includes_tax else 'plus'}"


def read_list_key(key: str) -> tuple[str, bool]:
    """Currency, and whether tax is in the prices."""
    currency, _, kind = key.partition("-")
    return currency, kind == "incl"


def _price_entered(request: StaffRequest, form: PriceForm, *, offer_id: int) -> bool:
    currency, includes_tax = read_list_key(form.cleaned_data["prices"])
    try:
        enter_price(
            offer_id,
            currency=currency,
            includes_tax=includes_tax,
            unit_price=form.cleaned_data["unit_price"],
            starts_on=form.cleaned_data["starts_on"],
            reason=form.cleaned_data["reason"],
            user_id=request.staff.user_id,
            now=present_moment(),
        )
    except UnitPriceNotUsable as problem:
        form.add_error("unit_price", str(problem))
        return False
    except PriceNeedsReason as problem:
        form.add_error("reason", str(problem))
        return False
    messages.success(request, "The price is entered. Running terms keep theirs.")
    return True


def _grounds(offer_id: int) -> tuple[OfferGround, ...]:
    grounds = list_grounds(offer_ids=[offer_id])
    if not grounds:
        raise Http404
    return grounds


def _first_day(grounds: tuple[OfferGround, ...], *, key: str, day: date) -> date:
    for each in grounds:
        if list_key(each.currency, includes_tax=each.includes_tax) == key:
            return first_day_of_price(each, today=day)
    return day


def _row(each: OfferGround, *, day: date) -> dict[str, object]:
    price = latest(each.ground.prices, day=day)
    cost = cost_on(each.ground.costs, day=day)
    later = sorted(price.starts_on for price in each.ground.prices if price.starts_on > day)
    margin = judge_on(each.ground, price.value, day=day) if price else None
    return {
        "offer": each,
        "terms": f"{TERMS[each.term]}, {CYCLES[each.cycle].lower()}",
        "policy": POLICIES[DecreasePolicy(each.policy)],
        "price": price,
        "next": latest(each.ground.prices, day=later[0]) if later else None,
        "cost": cost,
        "margin": margin,
        "verdict": VERDICTS[margin.verdict] if margin else None,
    }


def _days(each: OfferGround, *, day: date) -> list[dict[str, object]]:
    found = []
    for start in days_to_judge(each.ground, today=day):
        price = latest(each.ground.prices, day=start)
        if price is not None:
            margin = judge_on(each.ground, price.value, day=start)
            label, tone = VERDICTS[margin.verdict]
            cost = cost_on(each.ground.costs, day=start)
            found.append({
                "day": start, "price": price.value, "cost": cost, "margin": margin, "label": label, "tone": tone
            })  # fmt: skip
    return found


def _editions() -> list[dict[str, object]]:
    editions = list_editions()
    names = {each.code: each.name for each in editions}
    paths = sorted(list_upgrade_paths())
    return [
        {"edition": each, "upgrades": [names[target] for source, target in paths if source == each.code]}
        for each in editions
    ]
