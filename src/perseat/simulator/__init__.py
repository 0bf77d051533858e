"""Microsoft's Partner Center, Graph and token endpoint as one small WSGI program: the only fake.

Knows nothing of the product; started by doors and tests only.
"""

from __future__ import annotations
