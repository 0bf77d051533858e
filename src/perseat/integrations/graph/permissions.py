"""Which of Graph's permissions a token carries. docs/howto/connect-microsoft.md says what each is for."""

from __future__ import annotations

import jwt

NEEDED = (
    "Domain.Read.All",
    "LicenseAssignment.ReadWrite.All",
    "Organization.Read.All",
    "User.Read.All",
    "User.ReadWrite.All",
)
# A wider permission includes the narrower ones.
_INCLUDES = {
    "User.ReadWrite.All": ("User.Read.All", "LicenseAssignment.ReadWrite.All"),
    "Directory.Read.All": ("Domain.Read.All", "Organization.Read.All", "User.Read.All"),
    "Directory.ReadWrite.All": NEEDED,
    "Organization.ReadWrite.All": ("Organization.Read.All",),
    "Domain.ReadWrite.All": ("Domain.Read.All",),
}


def missing_permissions(token: str) -> tuple[str, ...]:
    """The needed ones that the token does not name, in alphabetical order; all when it cannot be read.

    Its signature is Microsoft's business: we only look at what a call with it would be allowed.
    """
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return NEEDED
    carried = {*str(claims.get("scp") or "").split(), *(claims.get("roles") or ())}
    for wider, narrower in _INCLUDES.items():
        if wider in carried:
            carried.update(narrower)
    return tuple(name for name in NEEDED if name not in carried)
