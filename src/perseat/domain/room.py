"""Room: how many seats of an edition can be held here, where a tenant may have only so many from all sellers together.

Source: Microsoft's NCE rule 49, read 2026-11-22 (300 of each Business edition in a tenant, whoever sold them).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# The supplier's own word is believed for so long; by then the directory shows what has changed.
_SAID_HOLDS_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """`maximum`: of the tenant; `elsewhere`: its seats from other sellers; `most`: the total that can be held here."""

    maximum: int
    elsewhere: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantSeats:
    """What is known of one edition in a tenant. `purchased`: the directory's count over all sellers, read at `read_at`.

    `more_allowed`: what the supplier said could still be had at `more_allowed_at`; None: it never said.
    """

    purchased: int
    read_at: datetime
    more_allowed: int | None = None
    more_allowed_at: datetime | None = None


def room_for(
    *,
    maximum: int,
    held: int,
    ours_there: int,
    ours_read_at: datetime | None,
    tenant: TenantSeats | None,
    now: datetime,
) -> Room:
    """The room for an edition of which `held` seats are held here and `ours_there` are at the supplier through us.

    A count of the directory that is older than the last look at our own seats may still have those that we gave back,
    so it says nothing. Never below what is held.

    >>> moment = datetime(2026, 11, 22)
    >>> seats = TenantSeats(purchased=110, read_at=moment)
    >>> room_for(maximum=300, held=10, ours_there=10, ours_read_at=moment, tenant=seats, now=moment).most
    200
    """
    most, elsewhere = maximum, 0
    if tenant is not None and (ours_read_at is None or tenant.read_at >= ours_read_at):
        elsewhere = max(tenant.purchased - max(ours_there, held), 0)
        most = maximum - elsewhere
    more = _believed(tenant, now=now)
    if more is not None:
        most = min(most, max(ours_there, held) + more)
    return Room(maximum=maximum, elsewhere=elsewhere, most=max(most, held))


def _believed(tenant: TenantSeats | None, *, now: datetime) -> int | None:
    if tenant is None or tenant.more_allowed_at is None or now - tenant.more_allowed_at >= _SAID_HOLDS_FOR:
        return None
    return tenant.more_allowed
