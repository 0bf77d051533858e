"""A tenant of as many people as are asked for, the same for the same seed."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator

from perseat.simulator.seeds import SeedSubscription, SeedTenant, SeedUser

TENANT_ID = "7d1f6f52-4c0b-4f0e-9a55-3c1f6d1f2a01"
DOMAIN = "crowd.example"
_BASIC, _STANDARD = "CFQ7TTC0LH18:0001", "CFQ7TTC0LDPB:0001"
_FIRST = ("Ada", "Björn", "Chidi", "Dana", "Elif", "Farid", "Grace", "Hana", "Ivo", "Jun", "Kofi", "Lea", "Mei", "Noor")
_LAST = ("Abara", "Berg", "Costa", "Dahl", "Evans", "Fuchs", "Gupta", "Haddad", "Ito", "Jansen", "Kaya", "Lopez")
_WITHOUT, _WITH_STANDARD = 0.1, 0.3


def crowd(count: int, *, seed: int) -> SeedTenant:
    """So many people, a tenth without a license, three tenths with Standard, the others with Basic."""
    users = tuple(_people(count, draw=random.Random(seed)))  # noqa: S311 - nothing secret
    seats = {sku: sum(sku in user.licenses for user in users) for sku in (_BASIC, _STANDARD)}
    return SeedTenant(
        tenant_id=TENANT_ID,
        company="Crowd Pty Ltd",
        domain=DOMAIN,
        country="AU",
        users=users,
        subscriptions=tuple(
            SeedSubscription(sku=sku, quantity=quantity, id=str(uuid.uuid5(uuid.UUID(TENANT_ID), sku)))
            for sku, quantity in seats.items()
            if quantity
        ),
    )


def _people(count: int, *, draw: random.Random) -> Iterator[SeedUser]:
    for number in range(1, count + 1):
        first, last, lot = draw.choice(_FIRST), draw.choice(_LAST), draw.random()
        held = () if lot < _WITHOUT else (_STANDARD,) if lot < _WITHOUT + _WITH_STANDARD else (_BASIC,)
        yield SeedUser(
            user_principal_name=f"person{number}@{DOMAIN}",
            display_name=f"{first} {last}",
            given_name=first,
            surname=last,
            usage_location="AU",
            licenses=held,
        )
