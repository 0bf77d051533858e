"""The sandbox gateway: a payment gateway of our own that moves no money, for the demo, tests and trial installations.

Copy this folder to add a real one. May import ports and domain; never another integration, Django, or a capability.
"""

from __future__ import annotations
