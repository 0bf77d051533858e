"""Invoicing: issued invoices and credit notes, written once, numbered without gap."""

from __future__ import annotations
