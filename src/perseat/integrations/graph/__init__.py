"""Microsoft Graph answers the Directory port: the customer's people, licenses and domains.

May import ports and domain. Never another integration, Django, or a capability: wiring passes what it needs.
"""

from __future__ import annotations
