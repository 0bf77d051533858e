"""Catalog: editions, offers, dated prices and tax rates."""

from __future__ import annotations

from django.db import models

from perseat.capabilities.guards import append_only, choices_of, known_states
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
