"""Price sheets in the tables: a draft is filled line by line and compared with known costs; it counts or is gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Count, Max, Q

from perseat.capabilities.catalog.models import PriceSheet, SheetRow, SupplierCost
from perseat.capabilities.catalog.pricing import CostOf, OfferKey
from perseat.domain.price_making import Cost
from perseat.domain.price_sheets import CostChange, SheetState

_COLUMNS = (
    "sheet_id", "line", "product_id", "sku_id", "title", "term", "cycle", "currency", "unit_cost", "list_price",
    "starts_on", "ends_on", "change", "problem",
)  # fmt: skip
_REMOVE_REPEATED = """
    DELETE FROM sheet_row WHERE id IN (
        SELECT id FROM (
            SELECT id, row_number() OVER (
                PARTITION BY product_id, sku_id, term, cycle, starts_on, currency, unit_cost, list_price, ends_on
                ORDER BY line) AS nth
            FROM sheet_row WHERE sheet_id = %(sheet)s AND change <> 'problem') AS counted
        WHERE nth > 1)"""
_MARK_CONTRADICTIONS = """
    UPDATE sheet_row SET change = 'problem', problem =
        'Another line says something else for the same offer and day; neither is taken (line '
        || other.line || ').'
    FROM (SELECT id, coalesce(lag(line) OVER same, lead(line) OVER same) AS line FROM sheet_row
          WHERE sheet_id = %(sheet)s AND change <> 'problem'
          WINDOW same AS (PARTITION BY product_id, sku_id, term, cycle, starts_on ORDER BY line)) AS other
    WHERE sheet_row.id = other.id AND other.line IS NOT NULL"""
_COMPARE = """
    UPDATE sheet_row SET old_cost = compared.unit_cost, change = compared.change
    FROM (SELECT row.id, known.unit_cost, CASE
              WHEN known.unit_cost IS NULL THEN 'new'
              WHEN (known.unit_cost, known.currency) = (row.unit_cost, row.currency)
                   AND known.list_price IS NOT DISTINCT FROM row.list_price
                   AND known.ends_on IS NOT DISTINCT FROM row.ends_on THEN 'same'
              ELSE 'changed' END AS change
          FROM sheet_row AS row LEFT JOIN LATERAL (
              SELECT cost.unit_cost, cost.currency, cost.list_price, cost.ends_on FROM supplier_cost AS cost
              WHERE cost.market = %(market)s AND cost.product_id = row.product_id AND cost.sku_id = row.sku_id
                    AND cost.term = row.term AND cost.cycle = row.cycle AND cost.starts_on <= row.starts_on
              ORDER BY cost.starts_on DESC LIMIT 1) AS known ON TRUE
          WHERE row.sheet_id = %(sheet)s AND row.change <> 'problem') AS compared
    WHERE sheet_row.id = compared.id"""
_KEEP_COSTS = """
    INSERT INTO supplier_cost (market, product_id, sku_id, title, term, cycle, currency, unit_cost, list_price,
                               starts_on, ends_on, sheet_id)
    SELECT %(market)s, product_id, sku_id, title, term, cycle, currency, unit_cost, list_price, starts_on, ends_on,
           sheet_id
    FROM sheet_row WHERE sheet_id = %(sheet)s AND change IN ('new', 'changed')
    ON CONFLICT (market, product_id, sku_id, term, cycle, starts_on) DO UPDATE SET
        title = excluded.title, currency = excluded.currency, unit_cost = excluded.unit_cost,
        list_price = excluded.list_price, ends_on = excluded.ends_on, sheet_id = excluded.sheet_id"""
_LACKING = """
    FROM supplier_cost AS cost WHERE cost.market = %(market)s AND cost.ends_on IS NULL AND NOT EXISTS (
        SELECT 1 FROM sheet_row AS row WHERE row.sheet_id = %(sheet)s AND row.product_id = cost.product_id
            AND row.sku_id = cost.sku_id AND row.term = cost.term AND row.cycle = cost.cycle)"""
_LIST_LACKING = "SELECT DISTINCT cost.product_id, cost.sku_id, cost.term, cost.cycle, cost.title" + _LACKING
_END_LACKING = f"UPDATE supplier_cost SET ends_on = %(day)s WHERE id IN (SELECT cost.id{_LACKING})"  # noqa: S608


class SheetDecided(Exception):
    """Somebody has applied or discarded the sheet already; the text says who."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFacts:
    """A line that goes into a draft, usable (`problem` is "") or not."""

    line: int
    title: str
    problem: str = ""
    product_id: str = ""
    sku_id: str = ""
    term: str = ""
    cycle: str = ""
    currency: str = ""
    unit_cost: Decimal | None = None
    list_price: Decimal | None = None
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetView:
    """A price sheet; `counts` of its rows by what they change, `left_out` of the lines that are for others."""

    sheet_id: int
    market: str
    file_name: str
    state: SheetState
    added_by: str
    added_at: datetime
    decided_by: str
    decided_at: datetime | None
    newest_start: date | None
    counts: Mapping[CostChange, int]
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRowView:
    """A row of a sheet: the old cost is the one that would count on its day without the sheet."""

    line: int
    title: str
    product_id: str
    sku_id: str
    term: str
    cycle: str
    currency: str
    old_cost: Decimal | None
    unit_cost: Decimal | None
    starts_on: date | None
    ends_on: date | None
    change: CostChange
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedOffer:
    """What the supplier sold until now, and the sheet lacks."""

    product_id: str
    sku_id: str
    term: str
    cycle: str
    title: str


@transaction.atomic
def add_draft(
    rows: Iterable[RowFacts],
    *,
    market: str,
    file_name: str,
    sha256: str,
    left_out: Counter[str],
    added_by: str,
    now: datetime,
) -> int:
    """Keep a sheet's rows as they come, compared with the costs we know; `left_out` is read when they have all come."""
    sheet = PriceSheet.objects.create(
        market=market, file_name=file_name[:200], sha256=sha256, added_by=added_by, added_at=now
    )
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY sheet_row ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
            for row in rows:
                change = CostChange.PROBLEM if row.problem else CostChange.NEW
                copy.write_row((
                    sheet.pk, row.line, row.product_id, row.sku_id, row.title[:200], row.term, row.cycle, row.currency,
                    row.unit_cost, row.list_price, row.starts_on, row.ends_on, change.value, row.problem[:300],
                ))  # fmt: skip
        cursor.execute(_REMOVE_REPEATED, {"sheet": sheet.pk})
        left_out["repeated"] += max(cursor.rowcount, 0)
        cursor.execute(_MARK_CONTRADICTIONS, {"sheet": sheet.pk})
    _compare(sheet)
    sheet.newest_start = sheet.rows.exclude(change=CostChange.PROBLEM).aggregate(newest=Max("starts_on"))["newest"]
    sheet.left_out = {why: count for why, count in left_out.items() if count}
    sheet.save(update_fields=["newest_start", "left_out"])
    return sheet.pk


def get_sheet(sheet_id: int) -> SheetView:
    """One sheet; LookupError when there is none."""
    sheet = PriceSheet.objects.filter(pk=sheet_id).first()
    if sheet is None:
        raise LookupError(sheet_id)
    return _view(sheet)


def list_sheets(*, page_size: int = 20) -> tuple[SheetView, ...]:
    """The newest sheets first."""
    return tuple(_view(sheet) for sheet in PriceSheet.objects.order_by("-pk")[:page_size])


def list_sheet_rows(
    sheet_id: int,
    *,
    change: CostChange | None = None,
    search: str = "",
    products: Sequence[str] | None = None,
    page: int = 1,
    page_size: int = 50,
) -> tuple[SheetRowView, ...]:
    """Rows in the file's order: of one kind, with words in the title or an id, of these products."""
    rows = SheetRow.objects.filter(sheet=sheet_id)
    if change is not None:
        rows = rows.filter(change=change)
    if search:
        rows = rows.filter(Q(title__icontains=search) | Q(product_id__iexact=search))
    if products is not None:
        rows = rows.filter(product_id__in=products)
    start = (page - 1) * page_size
    return tuple(_row_view(row) for row in rows.order_by("line")[start : start + page_size])


def list_ended(sheet_id: int, *, market: str) -> tuple[EndedOffer, ...]:
    """What we know a running cost of, and the sheet does not name at all."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_LIST_LACKING} ORDER BY 5, 3, 4", {"sheet": sheet_id, "market": market})
        return tuple(
            EndedOffer(product_id=product, sku_id=sku, term=term, cycle=cycle, title=title)
            for product, sku, term, cycle, title in cursor.fetchall()
        )


def proposed_costs(sheet_id: int) -> dict[OfferKey, list[CostOf]]:
    """The costs that the sheet would bring, of the editions in our catalog."""
    found: dict[OfferKey, list[CostOf]] = {}
    rows = SheetRow.objects.filter(sheet=sheet_id, change__in=(CostChange.NEW, CostChange.CHANGED)).extra(
        where=["(product_id, sku_id) IN (SELECT supplier_product_id, supplier_sku_id FROM edition)"]
    )
    for row in rows.order_by("starts_on"):
        if row.unit_cost is None or row.starts_on is None:
            continue
        cost = Cost(starts_on=row.starts_on, ends_on=row.ends_on, unit_cost=row.unit_cost, list_price=row.list_price)
        key = (row.product_id, row.sku_id, row.term, row.cycle)
        found.setdefault(key, []).append(CostOf(currency=row.currency, cost=cost))
    return found


def find_newer_sheet(sheet: SheetView) -> SheetView | None:
    """An applied sheet of the market with prices that begin later than all of this one's, or None."""
    if sheet.newest_start is None:
        return None
    newer = PriceSheet.objects.filter(
        market=sheet.market, state=SheetState.APPLIED, newest_start__gt=sheet.newest_start
    ).order_by("-newest_start")
    found = newer.first()
    return _view(found) if found else None


def find_same_file(sheet: SheetView) -> SheetView | None:
    """An applied sheet with the very same content; None when there is none."""
    same = PriceSheet.objects.filter(state=SheetState.APPLIED).exclude(pk=sheet.sheet_id)
    found = same.filter(sha256__in=PriceSheet.objects.filter(pk=sheet.sheet_id).values("sha256")).first()
    return _view(found) if found else None


def lock_draft(sheet_id: int) -> SheetView:
    """The sheet, locked, while it waits for a decision. :raises SheetDecided: it does not any more."""
    sheet = PriceSheet.objects.select_for_update().filter(pk=sheet_id).first()
    if sheet is None:
        raise LookupError(sheet_id)
    if sheet.state != SheetState.DRAFT:
        raise SheetDecided(f"{sheet.decided_by} has {sheet.state} this sheet already.")
    return _view(sheet)


def keep_costs(sheet: SheetView, *, ended_on: date | None) -> None:
    """Take the sheet's new and changed costs over; with `ended_on`, end those that it lacks on that day."""
    facts: dict[str, int | str | date | None] = {
        "sheet": sheet.sheet_id, "market": sheet.market, "day": ended_on,
    }  # fmt: skip
    with connection.cursor() as cursor:
        if ended_on is not None:
            cursor.execute(_END_LACKING, facts)
        cursor.execute(_KEEP_COSTS, facts)


def decide_sheet(sheet: SheetView, *, state: SheetState, decided_by: str, now: datetime) -> None:
    """Close a locked draft; other drafts of its market are compared anew. Rows of a discarded one are deleted."""
    PriceSheet.objects.filter(pk=sheet.sheet_id).update(state=state, decided_by=decided_by, decided_at=now)
    if state == SheetState.DISCARDED:
        SheetRow.objects.filter(sheet=sheet.sheet_id).delete()
        return
    for draft in PriceSheet.objects.filter(market=sheet.market, state=SheetState.DRAFT).order_by("pk"):
        _compare(draft)


def list_supplier_editions(*, market: str, search: str, page_size: int = 50) -> tuple[EndedOffer, ...]:
    """What the supplier sells in a market by the words of its title, one row a product and SKU (without terms)."""
    rows = SupplierCost.objects.filter(market=market, title__icontains=search).order_by("title", "product_id")
    seen = rows.values_list("title", "product_id", "sku_id").distinct()[:page_size]
    return tuple(
        EndedOffer(product_id=product, sku_id=sku, term="", cycle="", title=title) for title, product, sku in seen
    )


def list_terms(product_id: str, *, sku_id: str, market: str) -> tuple[tuple[str, str], ...]:
    """The terms and cycles on which the supplier sells an edition in a market."""
    rows = SupplierCost.objects.filter(market=market, product_id=product_id, sku_id=sku_id)
    return tuple(rows.order_by("term", "cycle").values_list("term", "cycle").distinct())


def _compare(sheet: PriceSheet) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE, {"sheet": sheet.pk, "market": sheet.market})


def _view(sheet: PriceSheet) -> SheetView:
    counts = dict(sheet.rows.values_list("change").annotate(count=Count("pk")))
    return SheetView(
        sheet_id=sheet.pk,
        market=sheet.market,
        file_name=sheet.file_name,
        state=SheetState(sheet.state),
        added_by=sheet.added_by,
        added_at=sheet.added_at,
        decided_by=sheet.decided_by,
        decided_at=sheet.decided_at,
        newest_start=sheet.newest_start,
        counts={change: counts.get(change.value, 0) for change in CostChange},
        left_out=dict(sheet.left_out),
    )


def _row_view(row: SheetRow) -> SheetRowView:
    return SheetRowView(
        line=row.line,
        title=row.title,
        product_id=row.product_id,
        sku_id=row.sku_id,
        term=row.term,
        cycle=row.cycle,
        currency=row.currency,
        old_cost=row.old_cost,
        unit_cost=row.unit_cost,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        change=CostChange(row.change),
        problem=row.problem,
    )
