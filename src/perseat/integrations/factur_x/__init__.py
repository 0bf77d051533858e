"""Factur-X (ZUGFeRD): EN 16931 invoices in the syntax of UN/CEFACT's Cross Industry Invoice.

May import ports and domain. Never another integration, Django, or a capability.
"""

from __future__ import annotations
