"""Connections: what the installation keeps of its own sign-ins at its suppliers."""

from __future__ import annotations
