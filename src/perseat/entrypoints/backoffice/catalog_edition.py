"""An edition of a price sheet taken into the catalog, with what Microsoft's catalog says of it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify

from perseat import wiring
from perseat.capabilities.catalog.sheets import list_supplier_editions, list_terms
from perseat.entrypoints.backoffice.access import StaffRequest, administrator_page
from perseat.entrypoints.backoffice.catalog_forms import EditionForm
from perseat.entrypoints.backoffice.clock import present_moment, today
from perseat.entrypoints.backoffice.filters import search_in
from perseat.journeys.offers import EditionUnusable, NewEdition, add_to_catalog, ask_about_edition
from perseat.ports.price_sheets import SupplierEdition


@administrator_page
def edition_find(request: StaffRequest) -> HttpResponse:
    """Find what the supplier sells by the words of its title."""
    market, search = settings.PERSEAT.provider_country, search_in(request)
    context = {"rows": list_supplier_editions(market=market, search=search), "search": search, "market": market}
    return render(request, "office/edition_find.html", context)


@administrator_page
def edition_add(request: StaffRequest, product_id: str, sku_id: str) -> HttpResponse:
    """Add an edition with its terms; nothing is on sale by it."""
    market = settings.PERSEAT.provider_country
    terms = list_terms(product_id, sku_id=sku_id, market=market)
    if not terms:
        raise Http404
    known = ask_about_edition(product_id, sku_id=sku_id, outside=wiring.get_outside())
    form = EditionForm(request.POST or None, terms=terms, initial=_initial(known))
    if request.method == "POST" and form.is_valid():
        try:
            _add(request, form, ids=(product_id, sku_id), known=known)
        except EditionUnusable as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        else:
            messages.success(request, f"{form.cleaned_data['name']} is in the catalog, not on sale yet.")
            return redirect("office:catalog")
    context = {
        "form": form,
        "product_id": product_id,
        "sku_id": sku_id,
        "silence": known if isinstance(known, str) else "",
    }
    return render(request, "office/edition_add.html", context, status=422 if form.errors else 200)


def _add(request: StaffRequest, form: EditionForm, *, ids: tuple[str, str], known: SupplierEdition | str) -> None:
    typed = form.cleaned_data
    new = NewEdition(
        code=typed["code"],
        name=typed["name"],
        summary=typed["summary"],
        group=typed["group"],
        product_id=ids[0],
        sku_id=ids[1],
        directory_sku_id=form.license_id,
        maximum_seats=typed["maximum_seats"],
        tax_category=typed["tax_category"],
        offers=form.offers(),
    )
    add_to_catalog(
        new,
        upgrades_to=() if isinstance(known, str) else known.upgrades_to,
        user_id=request.staff.user_id,
        now=present_moment(),
        today=today(),
    )


def _initial(known: SupplierEdition | str) -> dict[str, object]:
    if isinstance(known, str):
        return {}
    return {
        "name": known.title,
        "code": slugify(known.title.removeprefix("Microsoft 365 "))[:40],
        "directory_sku_id": known.directory_sku_id,
        "maximum_seats": known.maximum_seats,
    }
