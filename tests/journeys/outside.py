"""The real clients on a simulated Microsoft in this process, for stories through time: one clock for both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx
from pydantic import SecretStr
from tests.makers import SKU_IDS, buy_and_pay, make_catalog, make_customer, make_member, make_tenant

from perseat.capabilities.accounts.models import User
from perseat.capabilities.customers.models import Customer, Tenant
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.subscriptions.models import Service
from perseat.domain.calendar import local_day
from perseat.domain.quote import DecreasePolicy
from perseat.journeys.adoption import adopt_subscriptions, list_adoptable, open_empty_service
from perseat.journeys.delivery import deliver_order
from perseat.ports.outside import Outside
from perseat.simulator import credentials
from perseat.simulator.app import Simulator
from perseat.simulator.clock import SimulatorClock
from perseat.simulator.faulty_transport import FaultyTransport
from perseat.simulator.seeds import SeedSubscription, SeedUser
from perseat.simulator.store import UpgradeTrouble
from perseat.wiring import make_outside

EDITION_OF = {str(sku_id): code for code, sku_id in SKU_IDS.items()}
START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)  # noon in Sydney


class SimulatedClock:
    """Our side of the simulator's clock: a wait moves it on."""

    def __init__(self, clock: SimulatorClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def wait(self, seconds: float) -> None:
        self.move(timedelta(seconds=seconds))

    def move(self, by: timedelta) -> None:
        self._clock.freeze(self._clock.now() + by)


class Killed(BaseException):
    """What kill -9 looks like from inside: nothing runs after the line at which it happens."""


class Wire(httpx.BaseTransport):
    """The last stretch to Microsoft, at which the worker can be killed: before the n-th call, or once it is done.

    `is_silent`: nothing gets through.
    """

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self._left = 0
        self._is_done_first = False
        self.is_silent = False

    def kill_before(self, call: int) -> None:
        self._left, self._is_done_first = call, False

    def kill_after(self, call: int) -> None:
        self._left, self._is_done_first = call, True

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.is_silent:
            raise httpx.ConnectTimeout("Microsoft is silent.", request=request)
        self._left -= 1
        if self._left == 0 and not self._is_done_first:
            raise Killed
        response = self._inner.handle_request(request)
        if self._left == 0:
            response.read()
            raise Killed
        return response


@dataclass
class Letters:
    """A mailer that keeps what it is given."""

    sent: list[SimpleNamespace] = field(default_factory=list)

    def send(self, *, to: str, subject: str, text: str, message_id: str) -> None:
        self.sent.append(SimpleNamespace(to=to, subject=subject, text=text, message_id=message_id))


@dataclass(kw_only=True)
class World:
    """A provider with one customer, whose tenant is at a simulated Microsoft."""

    simulator: Simulator
    line: FaultyTransport
    wire: Wire
    clock: SimulatedClock
    outside: Outside
    letters: Letters
    customer: Customer
    owner: User
    tenant: Tenant
    service: Service

    def now(self) -> datetime:
        return self.clock.now()

    def order(self, **wanted: int) -> int:
        """Quote, accept and pay totals; returns the order's id. Nothing is delivered yet."""
        return buy_and_pay(
            self.customer, service_id=self.service.pk, wanted=wanted, user_id=self.owner.pk, now=self.now()
        )

    def deliver(self, order_id: int, *, for_minutes: int = 0) -> Order:
        """Run the worker's task now, then whenever a delivery is due, for so many minutes."""
        end = self.now() + timedelta(minutes=for_minutes)
        deliver_order(self.outside, order_id)
        while (due := self._next_due(order_id)) is not None and due <= end:
            self.clock.move(max(due - self.now(), timedelta()))
            deliver_order(self.outside, order_id)
        return Order.objects.get(pk=order_id)

    def seats_at_microsoft(self) -> dict[str, int]:
        """Seats by edition over all subscriptions that have not ended."""
        found: dict[str, int] = {}
        for each in self.simulator.subscriptions(str(self.tenant.tenant_id)):
            if each.status != "deleted":
                code = _edition(each.offer_id)
                found[code] = found.get(code, 0) + each.quantity
        return found

    def seats_from_renewal(self) -> dict[str, int]:
        """Seats by edition with which Microsoft renews what it holds."""
        found: dict[str, int] = {}
        for each in self.simulator.subscriptions(str(self.tenant.tenant_id)):
            seats = each.next_term.quantity if each.next_term else each.quantity
            if each.status != "deleted" and each.auto_renew:
                code = _edition(each.offer_id)
                found[code] = found.get(code, 0) + seats
        return found

    def licenses(self) -> dict[str, list[str]]:
        """Edition codes by the name of each person."""
        return {
            user.display_name: sorted(EDITION_OF[each.sku_id] for each in user.licenses)
            for user in self.simulator.users(str(self.tenant.tenant_id))
        }

    def person_id(self, name: str) -> str:
        return next(each.id for each in self.simulator.users(str(self.tenant.tenant_id)) if each.display_name == name)

    def writes(self, part: str = "/v1/") -> list[str]:
        """Writing calls that Microsoft acted on, as "METHOD path"."""
        return [
            f"{each.method} {each.path}"
            for each in self.simulator.calls
            if each.method != "GET" and each.was_done and not each.was_repeated and part in each.path
        ]

    def trouble_upgrades(self, *, code: int, is_told_before: bool = True, fails_licenses_only: bool = False) -> None:
        """Let Microsoft's upgrades fail with an error of its table: when asked about, or while they are done."""
        self.simulator.store.tenants[str(self.tenant.tenant_id)].upgrade_trouble = UpgradeTrouble(
            code=code, is_told_before=is_told_before, fails_licenses_only=fails_licenses_only
        )

    def untrouble_upgrades(self) -> None:
        """Microsoft's upgrades work again."""
        self.simulator.store.tenants[str(self.tenant.tenant_id)].upgrade_trouble = None

    def _next_due(self, order_id: int) -> datetime | None:
        rows = Delivery.objects.filter(order_id=order_id, next_attempt_at__isnull=False)
        return rows.order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()


def make_world(
    *,
    seats: Mapping[str, int] | None = None,
    people: Mapping[str, str] | None = None,
    groups: Mapping[str, str] | None = None,
    at_microsoft: Mapping[str, int] | None = None,
    bought_days_ago: int = 0,
    delay_seconds: int = 0,
    policy: DecreasePolicy = DecreasePolicy.ANYTIME,
    term: str = "P1M",
    start: datetime | None = None,
    prices_include_tax: bool = False,
    upgrades: bool = True,
    gdap_group_id: str = "",
) -> World:
    """`seats`: adopted and billed from today on; `people` and `groups`: the edition that each name holds ("" for none).

    `at_microsoft`: more seats in the tenant, of another seller's subscriptions. `start`: the present, for a world that
    other processes live in; its clocks run. Without it time stands still until it is moved. `gdap_group_id`: with it
    customers that come later are reached by delegated access. `upgrades`: Microsoft's own ones are open; without them a
    change of edition is bought.
    """
    began = start or START
    make_catalog(policy=policy, term=term, prices_include_tax=prices_include_tax)
    customer = make_customer(prices_include_tax=prices_include_tax)
    owner = make_member(customer)
    tenant = make_tenant(customer, now=began)
    simulator_clock = SimulatorClock(None if start else START)
    simulator = Simulator(clock=simulator_clock, provisioning_delay_seconds=delay_seconds)
    bought_at = began - timedelta(days=bought_days_ago)
    simulator.seed_tenant(
        tenant_id=str(tenant.tenant_id),
        company=customer.legal_name,
        domain=tenant.domain,
        country="AU",
        agreement=True,
        users=[*_users(tenant, people or {}, direct=True), *_users(tenant, groups or {}, direct=False)],
        subscriptions=[
            SeedSubscription(sku=str(SKU_IDS[code]), quantity=count, purchased_at=bought_at, term=term)
            for given in (seats or {}, at_microsoft or {})
            for code, count in given.items()
        ],
    )
    wire = Wire(httpx.WSGITransport(simulator))
    line = FaultyTransport(wire)
    clock = SimulatedClock(simulator_clock)
    letters = Letters()
    settings = _settings(writes=True, gdap_group_id=gdap_group_id)
    outside = make_outside(settings, clock=clock, microsoft=line, mailer=letters)
    service_id = _open(outside, customer, seats or {}, policy=policy, term=term, now=began)
    if not upgrades:
        simulator.store.tenants[str(tenant.tenant_id)].upgrade_trouble = UpgradeTrouble(code=11)
    return World(
        simulator=simulator,
        line=line,
        wire=wire,
        clock=clock,
        outside=outside,
        letters=letters,
        customer=customer,
        owner=owner,
        tenant=tenant,
        service=Service.objects.get(pk=service_id),
    )


def outside_alone() -> Outside:
    """A Microsoft to ask, at START, beside tables that are empty."""
    simulator_clock = SimulatorClock(START)
    transport = httpx.WSGITransport(Simulator(clock=simulator_clock))
    clock = SimulatedClock(simulator_clock)
    return make_outside(_settings(writes=True), clock=clock, microsoft=transport, mailer=Letters())


def outside_without_writes(world: World) -> Outside:
    """The same Microsoft, with PERSEAT_SUPPLIER_WRITES=off."""
    return make_outside(_settings(writes=False), clock=world.clock, microsoft=world.line, mailer=world.letters)


def _open(
    outside: Outside,
    customer: Customer,
    seats: Mapping[str, int],
    *,
    policy: DecreasePolicy,
    term: str,
    now: datetime,
) -> int:
    day = local_day(now, customer.time_zone)
    terms = {
        "customer_id": customer.pk,
        "billing_starts_on": day,
        "anchor_day": day.day,
        "term": term,
        "cycle": "P1M",
        "policy": policy,
        "actor": "admin@provider.example",
        "now": now,
    }
    if not seats:
        return open_empty_service(**terms)
    found = list_adoptable(outside, customer.pk)
    ours = {}
    for each in found:
        if seats.get(each.edition) == each.seats:
            ours.setdefault(each.edition, each.supplier_subscription_id)
    return adopt_subscriptions(outside, choices=list(ours.values()), **terms)


def _users(tenant: Tenant, people: Mapping[str, str], *, direct: bool) -> list[SeedUser]:
    return [
        SeedUser(
            user_principal_name=f"{name.lower()}@{tenant.domain}",
            display_name=name,
            usage_location="AU" if edition else None,
            licenses=(str(SKU_IDS[edition]),) if edition and direct else (),
            group_licenses=(str(SKU_IDS[edition]),) if edition and not direct else (),
        )
        for name, edition in people.items()
    ]


def _edition(offer_id: str) -> str:
    products = {"CFQ7TTC0LH18": "basic", "CFQ7TTC0LDPB": "standard", "CFQ7TTC0LCHC": "premium"}
    return products[offer_id.partition(":")[0]]


def _settings(*, writes: bool, gdap_group_id: str = "") -> SimpleNamespace:
    return SimpleNamespace(
        supplier_writes="on" if writes else "off",
        partner_center_base_url="http://microsoft.example",
        price_sheet_base_url="http://microsoft.example",
        graph_base_url="http://microsoft.example",
        login_base_url="http://microsoft.example",
        notice_certificate_hosts=("microsoft.example",),
        partner_tenant_id=credentials.PARTNER_TENANT,
        client_id=credentials.CLIENT_ID,
        client_secret=SecretStr(credentials.CLIENT_SECRET),
        client_certificate=None,
        refresh_token=SecretStr(credentials.REFRESH_TOKEN),
        gdap_group_id=gdap_group_id,
        base_url="http://perseat.example",
        sandbox_gateway="off",
        sandbox_gateway_secret=SecretStr(""),
        email_from="billing@provider.example",
        smtp_url=None,
        data_dir=None,
    )
