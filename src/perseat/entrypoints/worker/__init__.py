"""The worker's door: procrastinate's tasks and schedule. Each task is one call of a journey.

Imports journeys, capabilities' queries and actions, and wiring. Never tables.
"""

from __future__ import annotations
