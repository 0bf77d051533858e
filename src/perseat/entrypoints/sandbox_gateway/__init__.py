"""Sandbox gateway: the other side of a card payment, for demos and tests: a hosted page, notices, a status address.

It stands where a payment provider would, so it reads and writes only its own `SandboxPayment`, and talks to Perseat as
a stranger does: by signed notices to the webhook door.
"""

from __future__ import annotations
