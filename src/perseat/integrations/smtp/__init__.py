"""Sending e-mail: by an SMTP server, or into a folder of .eml files for development and the demo.

May import ports and domain. Never another integration, Django, or a capability.
"""

from __future__ import annotations
