"""Invoicing: issued invoices and credit notes, written once, numbered without gap."""

from __future__ import annotations

import pgtrigger
from django.db import models

from perseat.capabilities.catalog.models import Edition
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.guards import append_only, choices_of, known_states, not_into_closed_months
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.subscriptions.models import Service, Subscription
from perseat.domain.quote import DocumentKind, LineKind, LineReason


class NumberSeries(models.Model):
    """A series of document numbers; `last_number` moves under a row lock, so a rollback leaves no gap."""

    prefix = models.CharField(max_length=10, unique=True)
    last_number = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "number_series"

    def __str__(self) -> str:
        return self.prefix


class Document(models.Model):
    """An issued invoice (total ≥ 0) or credit note (total < 0), in minor units. Parties and words are copied in.

    `number`: prefix and sequence ("INV-000012"). `payment_reference`: what a bank transfer must name.
    `corrects`: the document that a correcting document refers to. `reissues`: the one that this one issues again, to
    another recipient. `content_hash` and `previous_hash` chain the series.
    """

    kind = models.CharField(max_length=15, choices=choices_of(DocumentKind))
    series = models.ForeignKey(NumberSeries, on_delete=models.PROTECT, related_name="documents")
    sequence = models.PositiveBigIntegerField()
    number = models.CharField(max_length=30, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="documents")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="documents", null=True, blank=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="documents", null=True, blank=True)
    issued_on = models.DateField()
    issued_at = models.DateTimeField()
    due_on = models.DateField()
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    prices_include_tax = models.BooleanField(default=False)
    seller = models.JSONField()
    buyer = models.JSONField()
    payment_reference = models.CharField(max_length=40)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, related_name="corrected_by", null=True, blank=True)
    reissues = models.OneToOneField("self", on_delete=models.PROTECT, related_name="reissued_as", null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=10, default="en")
    previous_hash = models.CharField(max_length=64, blank=True)
    content_hash = models.CharField(max_length=64)

    class Meta:
        db_table = "document"
        constraints = [
            known_states("document", field="kind", states=DocumentKind),
            models.UniqueConstraint(fields=["series", "sequence"], name="document_sequence_is_unique"),
            models.CheckConstraint(
                name="document_figures_add_up",
                condition=models.Q(total_minor=models.F("net_minor") + models.F("tax_minor")),
            ),
            models.CheckConstraint(
                name="document_sign_fits_its_kind",
                condition=models.Q(kind="invoice", net_minor__gte=0)
                | models.Q(kind="credit_note", net_minor__lt=0)
                | models.Q(kind="credit_note", net_minor=0, tax_minor__lt=0),
            ),
            models.CheckConstraint(
                name="document_is_due_after_issue", condition=models.Q(due_on__gte=models.F("issued_on"))
            ),
        ]
        indexes = [models.Index(fields=["customer", "-id"], name="document_by_customer")]
        triggers = [
            *append_only("document"),
            not_into_closed_months("document", day="issued_on"),
            # The customer's own convention is frozen: with it, no credit and no charge of the other kind can be mixed.
            pgtrigger.Trigger(
                name="document_is_in_its_customers_prices",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
                func="""
                    IF EXISTS (
                        SELECT 1 FROM new_rows JOIN customer ON customer.id = new_rows.customer_id
                        WHERE customer.prices_include_tax <> new_rows.prices_include_tax
                    ) THEN
                        RAISE EXCEPTION 'a document has its prices with or without tax as its customer has';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.number


class DocumentLine(models.Model):
    """A line of an issued document, copied from the quote's. Credits are negative and name the line they credit.

    `tax_minor`: the part of the document's tax that is counted for this line; the next credit starts from it (rule 11).
    `original_line`: the line that this one repeats (of the same kind, the first one that was issued) or takes back (of
    the other kind) at exactly its figures.
    `edition`: None for what the billing team charged or gave by hand; `text` says what it is.
    `billed_minor` to `credited_before_minor`: what a credit by complement starts from (`domain.quote_values.Basis`),
    None for other lines.
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=choices_of(LineKind))
    reason = models.CharField(max_length=15, choices=choices_of(LineReason))
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    partner = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="document_lines", null=True, blank=True
    )
    text = models.CharField(max_length=300)
    seats = models.PositiveIntegerField()
    start = models.DateField()
    end = models.DateField()
    days = models.PositiveIntegerField()
    period_days = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=20, decimal_places=8)
    amount_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    tax_category = models.CharField(max_length=5)
    tax_rate = models.DecimalField(max_digits=7, decimal_places=4)
    credits_line = models.ForeignKey("self", on_delete=models.PROTECT, related_name="credits", null=True, blank=True)
    restores_line = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="restored_by", null=True, blank=True
    )
    original_line = models.ForeignKey("self", on_delete=models.PROTECT, related_name="copies", null=True, blank=True)
    billed_minor = models.BigIntegerField(null=True, blank=True)
    billed_seats = models.PositiveIntegerField(null=True, blank=True)
    billed_days = models.PositiveIntegerField(null=True, blank=True)
    kept_seat_days = models.PositiveBigIntegerField(null=True, blank=True)
    credited_before_minor = models.BigIntegerField(null=True, blank=True)

    class Meta:
        db_table = "document_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="document_line_number_is_unique"),
            known_states("document_line", field="kind", states=LineKind),
            known_states("document_line", field="reason", states=LineReason),
            models.CheckConstraint(name="document_line_has_seats", condition=models.Q(seats__gt=0)),
            models.CheckConstraint(name="document_line_has_days", condition=models.Q(start__lt=models.F("end"))),
            models.CheckConstraint(
                name="document_line_sign_fits_its_kind",
                condition=models.Q(kind="charge", amount_minor__gte=0) | models.Q(kind="credit", amount_minor__lte=0),
            ),
        ]
        triggers = append_only("document_line")

    def __str__(self) -> str:
        return f"{self.document_id}/{self.number}"


class DocumentTax(models.Model):
    """Tax of one (category, rate) of a document; `label` is the tax's name."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="taxes")
    category = models.CharField(max_length=5)
    label = models.CharField(max_length=20)
    rate = models.DecimalField(max_digits=7, decimal_places=4)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()

    class Meta:
        db_table = "document_tax"
        constraints = [
            models.UniqueConstraint(fields=["document", "category", "rate"], name="document_tax_group_is_unique")
        ]
        triggers = append_only("document_tax")

    def __str__(self) -> str:
        return f"{self.label} {self.rate} %"
