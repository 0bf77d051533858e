"""The worker's tasks: each task is one call of a journey, and may run twice."""

from __future__ import annotations
