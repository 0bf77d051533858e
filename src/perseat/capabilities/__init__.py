"""What the business can do: one Django app each, in selling order.

Each has models (tables), queries (reads to frozen values) and actions (writes, one function a verb).
A capability may import only earlier ones; the order is contract 2 in pyproject.toml.
"""

from __future__ import annotations
