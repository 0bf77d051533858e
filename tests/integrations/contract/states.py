"""States of the simulator in which it gives the answers of the table, each by its name there."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Sequence

import httpx
from tests.simulator.graph_schema import check_answer
from tests.simulator.world import (
    ACME,
    BASIC,
    BASIC_ID,
    DOMAIN,
    EXCHANGE_2_ID,
    GRAPH,
    PARTNER_CENTER,
    STANDARD,
    World,
)

from perseat.simulator import credentials
from perseat.simulator.app import Simulator
from perseat.simulator.catalog import load_catalog
from perseat.simulator.clock import SimulatorClock
from perseat.simulator.faults import Fault, FaultKind
from perseat.simulator.partner_subscriptions import etag
from perseat.simulator.seeds import SeedSubscription, SeedUser
from perseat.simulator.store import Dialect

START = datetime.datetime(2026, 3, 10, 9, 30, tzinfo=datetime.UTC)
# What the table calls what is there before.
SUBSCRIPTION, OTHER_SUBSCRIPTION = "5b0d7e11-0000-4000-8000-000000000001", "5b0d7e11-0000-4000-8000-000000000002"
ADA, CART, ORDER = "ada00000-0000-4000-8000-000000000001", "ca470000-0000-4000-8000-000000000001", "34b37d7340cc"
ITEM, TARGET_ITEM, VERSION = f"{BASIC}:CFQ7TTC0K971", f"{STANDARD}:CFQ7TTC0LGNT", '"1"'


@dataclasses.dataclass(kw_only=True)
class Situation:
    """A simulated Microsoft in a state, what stands there for the table's texts, and the token if not a fresh one."""

    world: World
    instead: dict[str, str] = dataclasses.field(default_factory=dict)
    token: str | None = None


State = Callable[[], Situation]


def make_situation(name: str) -> Situation:
    """The state of that name. :raises KeyError: the table names one that is not made here."""
    return STATES[name]()


def _with(
    *, users: Sequence[SeedUser] = (), subscriptions: Sequence[SeedSubscription] = (), agreement: bool = True
) -> Situation:
    clock = SimulatorClock(START)
    simulator = Simulator(clock=clock)
    simulator.seed_tenant(
        tenant_id=ACME,
        company="Acme",
        domain=DOMAIN,
        country="US",
        agreement=agreement,
        users=users,
        subscriptions=subscriptions,
    )
    client = httpx.Client(
        transport=httpx.WSGITransport(simulator),
        base_url="http://simulator.test",
        event_hooks={"response": [check_answer]},
    )
    return Situation(world=World(simulator=simulator, clock=clock, client=client))


def _ada(*, licenses: tuple[str, ...] = (), country: str | None = "US") -> SeedUser:
    return SeedUser(
        id=ADA,
        user_principal_name=f"ada@{DOMAIN}",
        display_name="Ada Lovelace",
        given_name="Ada",
        surname="Lovelace",
        usage_location=country,
        licenses=licenses,
    )


def _people(*names: str, licenses: tuple[str, ...] = ()) -> list[SeedUser]:
    return [
        SeedUser(
            user_principal_name=f"{name.split()[0].lower()}@{DOMAIN}",
            display_name=name,
            given_name=name.split()[0],
            surname=name.split()[-1],
            usage_location="US",
            licenses=licenses,
        )
        for name in names
    ]


def _seats(sku: str, quantity: int = 5) -> SeedSubscription:
    return SeedSubscription(sku=sku, quantity=quantity)


def _ada_and(*skus: str, licenses: tuple[str, ...] = (), country: str | None = "US") -> Situation:
    situation = _with(users=[_ada(licenses=licenses, country=country)], subscriptions=[_seats(sku) for sku in skus])
    # Most of what Graph shows of a person comes from the person.
    person = situation.world.simulator.store.tenants[ACME].users[ADA]
    person.attributes |= {"jobTitle": "Analyst", "mobilePhone": "+61 2 5550 0109", "officeLocation": "2/14"}
    person.attributes["preferredLanguage"] = "en-US"
    return situation


def _subscribed(quantity: int, *, term: str = "P1Y", days_ago: int = 0, country_term: str = "monthly") -> Situation:
    bought_at = START - datetime.timedelta(days=days_ago)
    situation = _with(
        subscriptions=[
            SeedSubscription(
                sku=BASIC,
                quantity=quantity,
                term=term,
                billing_cycle=country_term,
                id=SUBSCRIPTION,
                purchased_at=bought_at,
            )
        ]
    )
    held = situation.world.simulator.subscriptions(ACME)[0]
    situation.instead = {VERSION: etag(held), ITEM: held.offer_id, ORDER: held.order_id}
    return situation


def _item(key: str) -> str:
    return load_catalog().skus[key].catalog_item_id(country="US", generation=0)


def _agreed_twice() -> Situation:
    situation = _with()
    agreements = situation.world.simulator.store.tenants[ACME].agreements
    agreements.append(dataclasses.replace(agreements[0], date_agreed="2026-03-09"))
    return situation


def _not_allowed() -> Situation:
    situation = _with()
    situation.world.simulator.store.tenants[ACME].validation_status = "NotAllowed"
    return situation


def _new_domain() -> Situation:
    situation = _with()
    situation.instead = {DOMAIN: "fresh.onmicrosoft.com"}
    return situation


def _on_sale() -> Situation:
    situation = _with()
    situation.instead = {ITEM: _item(BASIC), "CFQ7TTC0K971": _item(BASIC).rpartition(":")[2]}
    return situation


def _cart() -> Situation:
    situation = _on_sale()
    situation.instead[CART] = situation.world.cart(BASIC, quantity=1)["id"]
    return situation


def _order() -> Situation:
    situation = _cart()
    bought = situation.world.check_out({"id": situation.instead[CART]}).json()
    situation.instead[ORDER] = bought["orders"][0]["id"]
    return situation


def _suspended() -> Situation:
    situation = _subscribed(2)
    store = situation.world.simulator.store
    store.tenants[ACME].subscriptions[SUBSCRIPTION].status = "suspended"
    return situation


def _struck(situation: Situation, kind: FaultKind, *, method: str, path: str, seconds: int) -> Situation:
    fault = Fault(kind=kind, method=method, path_pattern=path, seconds=seconds)
    situation.world.simulator.faults.arm(fault)
    return situation


def _two_subscriptions() -> Situation:
    long_ago = START - datetime.timedelta(days=9)
    situation = _with(
        subscriptions=[
            SeedSubscription(sku=BASIC, quantity=5, id=SUBSCRIPTION, purchased_at=long_ago),
            SeedSubscription(sku=STANDARD, quantity=1, id=OTHER_SUBSCRIPTION, purchased_at=long_ago),
        ]
    )
    situation.instead = {ITEM: _item(BASIC), TARGET_ITEM: _item(STANDARD)}
    return situation


def _too_late() -> Situation:
    situation = _on_sale()
    carts = [situation.world.cart(BASIC, quantity=quantity) for quantity in (2, 299)]
    assert situation.world.check_out(carts[1]).status_code == 201
    situation.instead[CART] = carts[0]["id"]
    return situation


def _in_pages() -> Situation:
    situation = _two_subscriptions()
    situation.world.simulator.store.dialect = Dialect(page_size=1)
    return situation


def _upgraded() -> Situation:
    situation = _subscribed(1, term="P1M")
    body = {
        "toCatalogItemId": _item(STANDARD),
        "quantity": 1,
        "termDuration": "P1M",
        "billingCycle": "Monthly",
        "transitionType": "transition_with_license_transfer",
    }
    answer = situation.world.acme("POST", f"/subscriptions/{SUBSCRIPTION}/transitions", json=body)
    assert answer.status_code == 200, answer.text
    return situation


def _token_of_yesterday() -> Situation:
    situation = _with()
    situation.token = situation.world.ask_token(tenant=ACME, audience=GRAPH).json()["access_token"]
    situation.world.advance(days=1)
    return situation


def _sku_of_the_tenant() -> Situation:
    situation = _subscribed(1)
    situation.instead = {ADA: f"{ACME}_{BASIC_ID}"}
    return situation


def _three_with_licenses() -> Situation:
    users = _people("Ada Lovelace", "Bob Stone", "Cy Young", licenses=(BASIC,))
    situation = _with(users=users, subscriptions=[_seats(BASIC)])
    situation.instead = {"999": "2"}
    return situation


def _deleted() -> Situation:
    situation = _ada_and()
    assert situation.world.graph("DELETE", f"/users/{ADA}").status_code == 204
    return situation


def _permission_missing() -> Situation:
    situation = _ada_and(STANDARD)
    tenant = situation.world.simulator.store.tenants[ACME]
    tenant.missing_permissions = ["LicenseAssignment.ReadWrite.All", "User.ReadWrite.All"]
    return situation


def _used_up() -> Situation:
    users = [_ada(), *_people("Bob Stone", licenses=(STANDARD,))]
    return _with(users=users, subscriptions=[_seats(STANDARD, 1)])


def ask_token(situation: Situation, *, path: str) -> str:
    """A token for a path of the table, of a person where one is needed; empty where none is."""
    if situation.token is not None:
        return situation.token
    world = situation.world
    if path.startswith("/v1.0/") and not path.startswith("/v1.0/sales/"):
        return str(world.ask_token(tenant=ACME, audience=GRAPH).json()["access_token"])
    audience = "https://api.partner.microsoft.com" if path.startswith("/v1.0/") else PARTNER_CENTER
    form = {"grant_type": "refresh_token", "refresh_token": credentials.REFRESH_TOKEN}
    answer = world.ask_token(tenant=credentials.PARTNER_TENANT, audience=audience, **form)
    return str(answer.json()["access_token"])


STATES: dict[str, State] = {
    "customer": _with,
    "without_agreement": lambda: _with(agreement=False),
    "agreed_twice": _agreed_twice,
    "not_allowed": _not_allowed,
    "new_domain": _new_domain,
    "availability": _on_sale,
    "item_of_the_day": _on_sale,
    "cart": _cart,
    "cart_that_came_too_late": _too_late,
    "order": _order,
    "subscription": lambda: _subscribed(1),
    "subscription_of_order": lambda: _subscribed(1),
    "two_seats": lambda: _subscribed(2),
    "two_suspended_seats": _suspended,
    "fresh_subscription": lambda: _subscribed(1, term="P1M"),
    "subscription_past_its_window": lambda: _subscribed(11, days_ago=9),
    "change_takes_time": lambda: _struck(
        _subscribed(11), FaultKind.ACCEPTED, method="PATCH", path="/subscriptions/", seconds=5
    ),
    "busy_partner_center": lambda: _struck(
        _with(), FaultKind.THROTTLED, method="GET", path="/subscriptions$", seconds=57
    ),
    "busy_graph": lambda: _struck(_with(), FaultKind.THROTTLED, method="GET", path="/users$", seconds=10),
    "two_subscriptions": _two_subscriptions,
    "two_subscriptions_in_pages": _in_pages,
    "upgraded": _upgraded,
    "token_of_yesterday": _token_of_yesterday,
    "sku_of_the_tenant": _sku_of_the_tenant,
    "ada": _ada_and,
    "ada_with_a_license": lambda: _ada_and(BASIC, licenses=(BASIC,)),
    "ada_deleted": _deleted,
    "three_with_licenses": _three_with_licenses,
    "wanda": lambda: _with(users=_people("Wanda Stone", "Tom Walker", "Ada Lovelace")),
    "hundred_and_one": lambda: _with(users=_people(*[f"N{number} Example" for number in range(101)])),
    "standard": lambda: _ada_and(STANDARD),
    "standard_and_ada_nowhere": lambda: _ada_and(STANDARD, country=None),
    "standard_is_used_up": _used_up,
    "standard_and_exchange_2": lambda: _ada_and(STANDARD, EXCHANGE_2_ID, licenses=(EXCHANGE_2_ID,)),
    "ada_moves_to_standard": lambda: _ada_and(BASIC, STANDARD, licenses=(BASIC,)),
    "permission_missing": _permission_missing,
    "ada_is_throttled_in_a_batch": lambda: _struck(
        _ada_and(STANDARD), FaultKind.THROTTLED, method="PATCH", path="/users/", seconds=7
    ),
}
