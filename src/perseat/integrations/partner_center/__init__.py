"""Microsoft's Partner Center answers the SeatProvider port: catalog, baskets, orders, subscriptions.

May import ports and domain. Never another integration, Django, or a capability: wiring passes what it needs.
"""

from __future__ import annotations
