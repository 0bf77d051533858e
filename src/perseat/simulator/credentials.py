"""The one application the simulator knows, and the partner it belongs to. Public on purpose: nothing real opens."""

from __future__ import annotations

PARTNER_TENANT = "3b33e682-00c3-41ee-9dd2-a548adf56438"
CLIENT_ID = "6c2bd2a4-3f64-4a4c-9a5b-8d1f0c7e21aa"
CLIENT_SECRET = "simulator-client-secret"  # noqa: S105 (opens this simulator only)
# The first consent. It never expires, so that a demo whose clock is moved a year ahead still signs in;
# those handed out in exchange live ninety days, as Microsoft's do.
REFRESH_TOKEN = "simulator-first-consent"  # noqa: S105 (opens this simulator only)
