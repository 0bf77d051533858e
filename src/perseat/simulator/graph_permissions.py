"""What the customer's administrator has consented to, and which call needs which of it."""

from __future__ import annotations

import re

from perseat.simulator.graph_errors import DENIED, GraphRefusal
from perseat.simulator.store import Tenant

PERMISSIONS = (
    "Domain.Read.All",
    "LicenseAssignment.ReadWrite.All",
    "Organization.Read.All",
    "User.ReadWrite.All",
)
# By method and path, the first that fits; a write of people includes reading them.
_NEEDED = (
    ("POST", r"/users/[^/]+/assignlicense$", "LicenseAssignment.ReadWrite.All"),
    ("GET", r"/users(/|$)", "User.Read.All"),
    ("GET", r"/(organization|subscribedskus)(/|$)", "Organization.Read.All"),
    ("GET", r"/domains(/|$)", "Domain.Read.All"),
    ("POST|PATCH|DELETE", r"/(users|directory)(/|$)", "User.ReadWrite.All"),
)
_INCLUDED_IN = {"LicenseAssignment.ReadWrite.All": "User.ReadWrite.All", "User.Read.All": "User.ReadWrite.All"}


def granted(tenant: Tenant) -> list[str]:
    """The permissions that a token for this tenant carries."""
    return [name for name in PERMISSIONS if name not in tenant.missing_permissions]


def check_permission(tenant: Tenant, *, method: str, path: str) -> None:
    """:raises GraphRefusal: 403 when the call needs what is missing."""
    below = path.lower().removeprefix("/v1.0")
    for methods, pattern, needed in _NEEDED:
        if re.fullmatch(methods, method) and re.match(pattern, below):
            if not {needed, _INCLUDED_IN.get(needed, needed)} & set(granted(tenant)):
                raise GraphRefusal(403, "Authorization_RequestDenied", DENIED)
            return
