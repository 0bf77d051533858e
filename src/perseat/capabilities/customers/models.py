"""Customers: who buys from the provider, who may log in for them, and their tenant."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models

from perseat.capabilities.guards import choices_of, frozen_columns, known_states
from perseat.domain.parties import PaymentTerms, TaxTreatment
from perseat.domain.rights import MemberRole
from perseat.domain.tenant_access import AccessState, GroupState, missing_roles
from perseat.domain.tenant_facts import Account, BeginningKind, BeginningState


class Customer(models.Model):
    """A company. `number` ("C-1001") is its name to bookkeepers and in the ledger.

    `prices_include_tax`: which prices of the catalog it buys at. It never changes, so that all of a customer's lines,
    whenever they were charged, can stand and be credited on one document. `exemption_reason`: stands on its documents.
    """

    number = models.CharField(max_length=20, unique=True)
    legal_name = models.CharField(max_length=200)
    street = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField(max_length=100, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2)
    tax_number = models.CharField(max_length=40, blank=True)
    tax_treatment = models.CharField(max_length=20, choices=choices_of(TaxTreatment), default=TaxTreatment.DOMESTIC)
    exemption_reason = models.CharField(max_length=200, blank=True)
    order_reference = models.CharField(max_length=60, blank=True)
    invoice_email = models.EmailField(blank=True)
    prices_include_tax = models.BooleanField(default=False)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=60)
    language = models.CharField(max_length=10, default="en")
    payment_terms = models.CharField(max_length=20, choices=choices_of(PaymentTerms), default=PaymentTerms.PREPAID)
    credit_limit_minor = models.BigIntegerField(default=0)
    parked_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "customer"
        indexes = [GinIndex(SearchVector("legal_name", config="simple"), name="customer_by_word")]
        constraints = [
            known_states("customer", field="tax_treatment", states=TaxTreatment),
            known_states("customer", field="payment_terms", states=PaymentTerms),
            models.CheckConstraint(
                name="customer_credit_limit_is_not_negative", condition=models.Q(credit_limit_minor__gte=0)
            ),
        ]
        triggers = [frozen_columns("customer", columns=["currency", "prices_include_tax"])]

    def __str__(self) -> str:
        return f"{self.number} {self.legal_name}"


class Membership(models.Model):
    """A user's role for a customer."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=choices_of(MemberRole))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "membership"
        constraints = [
            models.UniqueConstraint(fields=["customer", "user"], name="membership_is_once_per_customer"),
            known_states("membership", field="role", states=MemberRole),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.customer}"


class Invitation(models.Model):
    """An invitation by e-mail; the link holds a token of which only the hash is kept.

    `token_seed`, random, makes the token together with the installation's secret key, so that the worker can write
    the same link again after a crash, while the tables alone open no invitation.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=20, choices=choices_of(MemberRole))
    token_seed = models.CharField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sent_invitations")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "invitation"
        constraints = [
            known_states("invitation", field="role", states=MemberRole),
            models.UniqueConstraint(
                fields=["customer", "email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="invitation_is_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.customer}"


class Tenant(models.Model):
    """The customer's Microsoft directory. `country` is where its seats are bought.

    `agreed_by`, `agreed_email`, `agreed_on` and `is_signed_at_microsoft` say who accepted the agreement, as far as it
    is known. The rest is what was last read at Microsoft, at `read_at`: the account check, and in `reach_problem` why
    its people cannot be read, "" when they can.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="tenants")
    tenant_id = models.UUIDField(unique=True)
    company = models.CharField(max_length=200)
    domain = models.CharField(max_length=253)
    domains = models.JSONField(default=list)
    country = models.CharField(max_length=2)
    has_agreement = models.BooleanField(default=False)
    agreed_by = models.CharField(max_length=201, blank=True)
    agreed_email = models.CharField(max_length=254, blank=True)
    agreed_on = models.DateField(null=True, blank=True)
    is_signed_at_microsoft = models.BooleanField(default=False)
    account = models.CharField(max_length=20, choices=choices_of(Account), blank=True)
    reach_problem = models.CharField(max_length=500, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    linked_at = models.DateTimeField()

    class Meta:
        db_table = "tenant"
        constraints = [known_states("tenant", field="account", states=Account)]

    def __str__(self) -> str:
        return self.domain


class TenantBeginning(models.Model):
    """The intention to make a tenant for a customer, or to have the one that it has accept us; driven until it is done.

    `domain` in full, or the tenant's id where the customer gave us that. `request_id` travels with the one call that
    makes a tenant, so that asking again makes no second one. `typed`: what a new tenant is made from. The first
    password of its administrator is not here, or anywhere: it is shown when Microsoft tells it.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="beginnings")
    kind = models.CharField(max_length=20, choices=choices_of(BeginningKind))
    state = models.CharField(max_length=20, choices=choices_of(BeginningState), default=BeginningState.OPEN)
    domain = models.CharField(max_length=253)
    typed = models.JSONField(default=dict)
    request_id = models.UUIDField(unique=True)
    invitation_link = models.CharField(max_length=1000, blank=True)
    sentence = models.CharField(max_length=500, blank=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, blank=True, related_name="beginnings")
    asked_by = models.CharField(max_length=254)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "tenant_beginning"
        constraints = [
            known_states("tenant_beginning", field="kind", states=BeginningKind),
            known_states("tenant_beginning", field="state", states=BeginningState),
            models.UniqueConstraint(
                fields=["domain"], condition=models.Q(state=BeginningState.OPEN), name="tenant_beginning_is_open_once"
            ),
        ]

    def __str__(self) -> str:
        return self.domain


class DelegatedAccess(models.Model):
    """A relationship by which a tenant lends us roles (GDAP), as it was last read. A later one renews an earlier.

    `name` is unique at Microsoft, too, and is how a relationship is found again whose answer was lost. `role_ids`: what
    the customer approves; `group_role_ids`: what our security group was given of it.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="accesses")
    name = models.CharField(max_length=50, unique=True)
    relationship_id = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=20, choices=choices_of(AccessState), default=AccessState.ASKED)
    approval_link = models.CharField(max_length=300, blank=True)
    role_ids = models.JSONField(default=list)
    group_role_ids = models.JSONField(default=list)
    group_state = models.CharField(max_length=20, choices=choices_of(GroupState), default=GroupState.NONE)
    ends_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    asked_by = models.CharField(max_length=254)
    asked_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "delegated_access"
        constraints = [
            known_states("delegated_access", field="state", states=AccessState),
            known_states("delegated_access", field="group_state", states=GroupState),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def lacks_roles(self) -> bool:
        """Whether it lends us less than we need."""
        return bool(missing_roles(self.role_ids))


class ApiToken(models.Model):
    """A secret with which a member's own programs act for the customer, in the member's role; only its hash is kept.

    It goes with the membership: whoever is taken off the team leaves no open door.
    """

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "api_token"
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "name"],
                condition=models.Q(withdrawn_at=None),
                name="api_token_name_is_open_once",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ApiReply(models.Model):
    """What a request with an idempotency key was answered, kept for a day, so that asking again changes nothing."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="replies")
    endpoint = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "api_reply"
        constraints = [models.UniqueConstraint(fields=["token", "endpoint", "key"], name="api_reply_is_given_once")]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.status}"
