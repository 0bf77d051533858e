"""Questions: threads between a customer and the billing team, about a document or a service."""

from __future__ import annotations
