"""Which of the partner's roles in a customer's directory (GDAP) a call of the partner's user needs."""

from __future__ import annotations

import re

from perseat.simulator.graph_errors import DENIED, GraphRefusal
from perseat.simulator.relationships import working_roles
from perseat.simulator.store import Store, Tenant
from perseat.simulator.tokens import AccessToken

USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"
LICENSE_ADMINISTRATOR = "4d6ac14f-3453-41d0-bef9-a3e0c569773a"
DIRECTORY_READERS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
GLOBAL_READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
ROLES = (DIRECTORY_READERS, LICENSE_ADMINISTRATOR, USER_ADMINISTRATOR)

_READERS = frozenset({DIRECTORY_READERS, GLOBAL_READER, USER_ADMINISTRATOR})
# By method and path, the first that fits; any one of the roles is enough.
_NEEDED = (
    ("POST", r"/users/[^/]+/assignlicense$", frozenset({LICENSE_ADMINISTRATOR, USER_ADMINISTRATOR})),
    ("GET", r"/", _READERS),
    ("POST|PATCH|DELETE", r"/", frozenset({USER_ADMINISTRATOR})),
)


def check_roles(store: Store, tenant: Tenant, *, token: AccessToken, method: str, path: str) -> None:
    """Let a person of the partner's do what their roles in the customer's directory allow.

    :raises GraphRefusal: 403 when none of the roles that the call needs is held.
    """
    if token.is_app_only or not tenant.needs_relationship:
        return
    below = path.lower().removeprefix("/v1.0")
    held = working_roles(list(store.relationships.values()), tenant_id=tenant.id)
    for methods, pattern, needed in _NEEDED:
        if re.fullmatch(methods, method) and re.match(pattern, below):
            if not needed & held:
                raise GraphRefusal(403, "Authorization_RequestDenied", DENIED)
            return
