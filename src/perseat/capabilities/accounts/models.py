"""Accounts: people who can log in, and the record of who did what."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from perseat.capabilities.guards import append_only, choices_of, known_states
from perseat.domain.rights import StaffRole


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address."""

    def create_user(self, email: str, *, password: str | None = None, **fields: Any) -> User:
        """Create a user; without a password nobody can log in until it is set by a link."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, *, password: str | None = None, **fields: Any) -> User:
        """Create an administrator (`perseat admin` uses its own action)."""
        return self.create_user(email, password=password, staff_role=StaffRole.ADMINISTRATOR, **fields)


class User(AbstractBaseUser):
    """A person who can log in: of a customer (by membership), of the provider (by staff role), or both."""

    email = models.EmailField(max_length=254, unique=True)
    full_name = models.CharField(max_length=150, blank=True)
    staff_role = models.CharField(max_length=20, choices=choices_of(StaffRole), default=StaffRole.NONE)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=10, default="en")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "account_user"
        constraints = [
            models.CheckConstraint(name="account_user_email_is_lower_case", condition=models.Q(email=Lower("email"))),
            known_states("account_user", field="staff_role", states=StaffRole),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_staff(self) -> bool:
        """Whether the person works for the provider (the name that Django expects)."""
        return self.staff_role != StaffRole.NONE


class AuditEntry(models.Model):
    """Who did what to which object, when; kept for ever. `actor` is an e-mail address or "system"."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=254)
    customer_number = models.CharField(max_length=20, blank=True)
    verb = models.CharField(max_length=60)
    object_label = models.CharField(max_length=200)
    details = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_entry"
        indexes = [models.Index(fields=["customer_number", "-at"], name="audit_entry_by_customer")]
        triggers = append_only("audit_entry")

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} {self.object_label}"


class CacheEntry(models.Model):
    """Django's cache in the database (its columns): counts attempts to log in, for all web processes together."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "cache_entry"

    def __str__(self) -> str:
        return self.cache_key
