"""Licensing: changes of people's licenses, and the last known seat counts of each tenant."""

from __future__ import annotations
