"""The whole API: its endpoints, its gate, and its description at /api/v1/openapi.json."""

from __future__ import annotations

from ninja import NinjaAPI

from perseat.entrypoints.api import invoices, me, orders, people, quotes, services
from perseat.entrypoints.api.gate import BearerToken, CheckedParser
from perseat.entrypoints.api.once import answered_once
from perseat.entrypoints.api.problems import answer_problems

api = NinjaAPI(
    title="Perseat",
    version="1",
    description="What the Client Area does, for a customer's own programs: the same quotes, orders and invoices.",
    urls_namespace="api",
    docs_url=None,
    auth=BearerToken(),
    parser=CheckedParser(),
)
answer_problems(api)
for door in (me, services, quotes, orders, invoices, people):
    door.router.add_decorator(answered_once, mode="operation")
    api.add_router("", door.router)
