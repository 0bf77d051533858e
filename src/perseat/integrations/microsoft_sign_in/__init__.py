"""Signing in at Microsoft: access tokens for Partner Center and, per customer tenant, for Graph.

May import ports and domain. Never another integration: the clients receive a token source from wiring.
"""

from __future__ import annotations
