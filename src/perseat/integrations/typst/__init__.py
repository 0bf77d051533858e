"""Typst turns issued documents into PDF.

May import ports and domain. Never another integration, Django, or a capability.
"""

from __future__ import annotations
