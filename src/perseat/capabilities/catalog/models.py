"""Catalog: editions, offers, dated prices and tax rates."""

from __future__ import annotations

from django.db import models

from perseat.capabilities.guards import append_only, choices_of, known_states, never_deleted
from perseat.domain.price_making import MarkupKind
from perseat.domain.price_sheets import CostChange, SheetState
from perseat.domain.quote import DecreasePolicy


class Edition(models.Model):
    """What one seat gives. Known by `directory_sku_id` (Microsoft's skuId), never by its name."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    former_names = models.CharField(max_length=200, blank=True)
    summary = models.CharField(max_length=300)
    directory_sku_id = models.UUIDField(unique=True)
    supplier_product_id = models.CharField(max_length=20)
    supplier_sku_id = models.CharField(max_length=10)
    position = models.PositiveSmallIntegerField(unique=True)
    maximum_seats = models.PositiveIntegerField(default=300)
    tax_category = models.CharField(max_length=5, default="S")
    group = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "edition"

    def __str__(self) -> str:
        return self.name


class Offer(models.Model):
    """An edition on a term with a charge cycle and a decrease policy."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="offers")
    term = models.CharField(max_length=5)
    cycle = models.CharField(max_length=5)
    policy = models.CharField(max_length=10, choices=choices_of(DecreasePolicy))
    is_on_sale = models.BooleanField(default=True)

    class Meta:
        db_table = "offer"
        constraints = [
            models.UniqueConstraint(fields=["edition", "term", "cycle", "policy"], name="offer_is_unique"),
            known_states("offer", field="policy", states=DecreasePolicy),
            models.CheckConstraint(name="offer_term_is_known", condition=models.Q(term__in=["P1M", "P1Y", "P3Y"])),
            models.CheckConstraint(
                name="offer_cycle_is_known", condition=models.Q(cycle__in=["P1M", "P3M", "P6M", "P1Y", "P3Y"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition} {self.term}/{self.cycle} {self.policy}"


class Price(models.Model):
    """An offer's unit price for one charge period, from a day on, until the next price's day.

    `includes_tax` is part of what the figure means. Both kinds may stand side by side; a customer buys at one of them.
    Never changed: a later row of the same day takes its place from `recorded_at` on, when it became known.
    """

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="prices")
    currency = models.CharField(max_length=3)
    unit_price = models.DecimalField(max_digits=20, decimal_places=8)
    includes_tax = models.BooleanField(default=False)
    starts_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "price"
        constraints = [
            models.CheckConstraint(name="price_is_not_negative", condition=models.Q(unit_price__gte=0)),
        ]
        triggers = append_only("price")

    def __str__(self) -> str:
        return f"{self.offer}: {self.unit_price} {self.currency} from {self.starts_on}"


class UpgradePath(models.Model):
    """Seats of `source` may become seats of `target` in mid-term."""

    source = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="upgrades_to")
    target = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="upgrades_from")

    class Meta:
        db_table = "upgrade_path"
        constraints = [
            models.UniqueConstraint(fields=["source", "target"], name="upgrade_path_is_unique"),
            models.CheckConstraint(name="upgrade_path_leads_elsewhere", condition=~models.Q(source=models.F("target"))),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class TaxRate(models.Model):
    """A dated rate in percent for a category in a country; `label` is the tax's name there (GST, VAT).

    Never changed: a later row of the same day takes its place from `recorded_at` on, when it became known.
    """

    country = models.CharField(max_length=2)
    category = models.CharField(max_length=5)
    label = models.CharField(max_length=20)
    rate = models.DecimalField(max_digits=7, decimal_places=4)
    starts_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "tax_rate"
        constraints = [
            models.CheckConstraint(name="tax_rate_is_a_percentage", condition=models.Q(rate__gte=0, rate__lte=100)),
        ]
        triggers = append_only("tax_rate")

    def __str__(self) -> str:
        return f"{self.label} {self.rate} % from {self.starts_on}"


class PriceSheet(models.Model):
    """The supplier's prices in a market as they came, by whom; `left_out` counts the lines that are not ours, by kind.

    `newest_start`: the latest day on which one of its prices begins, which tells how new the sheet is.
    """

    market = models.CharField(max_length=2)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=choices_of(SheetState), default=SheetState.DRAFT)
    added_by = models.CharField(max_length=254)
    added_at = models.DateTimeField()
    decided_by = models.CharField(max_length=254, blank=True)
    decided_at = models.DateTimeField(null=True)
    newest_start = models.DateField(null=True)
    left_out = models.JSONField(default=dict)

    class Meta:
        db_table = "price_sheet"
        constraints = [known_states("price_sheet", field="state", states=SheetState)]
        triggers = never_deleted("price_sheet")

    def __str__(self) -> str:
        return f"{self.file_name} ({self.state})"


class SheetRow(models.Model):
    """A line of a price sheet, and what it changes; the cost is for one seat and charge period, before tax."""

    sheet = models.ForeignKey(PriceSheet, on_delete=models.PROTECT, related_name="rows")
    line = models.PositiveIntegerField()
    product_id = models.CharField(max_length=20, blank=True)
    sku_id = models.CharField(max_length=10, blank=True)
    title = models.CharField(max_length=200, blank=True)
    term = models.CharField(max_length=5, blank=True)
    cycle = models.CharField(max_length=5, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    unit_cost = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    list_price = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    change = models.CharField(max_length=10, choices=choices_of(CostChange), default=CostChange.NEW)
    old_cost = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "sheet_row"
        constraints = [known_states("sheet_row", field="change", states=CostChange)]
        indexes = [
            models.Index(fields=["sheet", "change", "line"], name="sheet_row_by_change"),
            models.Index(fields=["sheet", "product_id", "sku_id", "term", "cycle"], name="sheet_row_by_offer"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id}, line {self.line}: {self.title}"


class SupplierCost(models.Model):
    """What a seat of an offer costs us in a market for one charge period, before tax, from a day on; `ends_on` not in.

    By the supplier's own ids: most of what it sells is not in our catalog.
    """

    market = models.CharField(max_length=2)
    product_id = models.CharField(max_length=20)
    sku_id = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    term = models.CharField(max_length=5)
    cycle = models.CharField(max_length=5)
    currency = models.CharField(max_length=3)
    unit_cost = models.DecimalField(max_digits=20, decimal_places=8)
    list_price = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    sheet = models.ForeignKey(PriceSheet, on_delete=models.PROTECT, related_name="costs")

    class Meta:
        db_table = "supplier_cost"
        constraints = [
            models.UniqueConstraint(
                fields=["market", "product_id", "sku_id", "term", "cycle", "starts_on"],
                name="supplier_cost_starts_once_a_day",
            ),
            models.CheckConstraint(name="supplier_cost_is_not_negative", condition=models.Q(unit_cost__gte=0)),
        ]
        triggers = never_deleted("supplier_cost")

    def __str__(self) -> str:
        return f"{self.title}: {self.unit_cost} {self.currency} from {self.starts_on}"


class Markup(models.Model):
    """A rule that makes prices from costs (perseat.domain.price_making), from a day on; of one day the later counts."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, null=True, related_name="markups")
    group = models.CharField(max_length=40, blank=True)
    term = models.CharField(max_length=5, blank=True)
    cycle = models.CharField(max_length=5, blank=True)
    currency = models.CharField(max_length=3)
    includes_tax = models.BooleanField(default=False)
    kind = models.CharField(max_length=10, choices=choices_of(MarkupKind))
    value = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    step = models.DecimalField(max_digits=20, decimal_places=8)
    ending = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    starts_on = models.DateField()
    entered_by = models.CharField(max_length=254)
    entered_at = models.DateTimeField()

    class Meta:
        db_table = "markup"
        constraints = [
            known_states("markup", field="kind", states=MarkupKind),
            models.CheckConstraint(name="markup_step_is_above_zero", condition=models.Q(step__gt=0)),
            models.CheckConstraint(
                name="markup_is_for_edition_or_group", condition=models.Q(edition=None) | models.Q(group="")
            ),
        ]
        triggers = append_only("markup")

    def __str__(self) -> str:
        return f"{self.edition or self.group or 'all'}: {self.kind} {self.value}"


class ExchangeRate(models.Model):
    """How much of `target` one unit of `source` comes to for prices and margins, from a day on, as staff entered it."""

    source = models.CharField(max_length=3)
    target = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=20, decimal_places=8)
    starts_on = models.DateField()
    entered_by = models.CharField(max_length=254)
    entered_at = models.DateTimeField()

    class Meta:
        db_table = "exchange_rate"
        constraints = [models.CheckConstraint(name="exchange_rate_is_above_zero", condition=models.Q(rate__gt=0))]
        triggers = append_only("exchange_rate")

    def __str__(self) -> str:
        return f"1 {self.source} = {self.rate} {self.target} from {self.starts_on}"


class PriceReason(models.Model):
    """Why an offer may be on sale for nothing or below its cost: at this price, while it costs no more than this.

    `unit_cost` is in the price's currency, null where it was not known.
    """

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="reasons")
    currency = models.CharField(max_length=3)
    includes_tax = models.BooleanField(default=False)
    unit_price = models.DecimalField(max_digits=20, decimal_places=8)
    unit_cost = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    reason = models.CharField(max_length=300)
    given_by = models.CharField(max_length=254)
    given_at = models.DateTimeField()

    class Meta:
        db_table = "price_reason"
        constraints = [models.CheckConstraint(name="price_reason_is_written", condition=~models.Q(reason=""))]
        triggers = append_only("price_reason")

    def __str__(self) -> str:
        return f"{self.offer} at {self.unit_price} {self.currency}: {self.reason}"
