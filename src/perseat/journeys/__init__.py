"""Stories that cross capabilities, one file a story; reactions.py says what follows what.

Imports capabilities, ports and domain. Never a supplier, a door or the wiring.
"""

from __future__ import annotations
