"""What we need from outside, in our own words: one Protocol a file.

Imports the standard library and `domain`. Never a supplier's library or word.
"""

from __future__ import annotations
