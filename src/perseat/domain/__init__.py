"""The rules: money, calendar, proration, seats, quotes, tax.

Imports the standard library only. Never a clock, a float, Django or anything outside.
"""

from __future__ import annotations
