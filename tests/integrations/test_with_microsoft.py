"""The real clients against the simulated Microsoft: what a customer buys and gives arrives, once, whatever is lost."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tests.integrations.microsoft import (
    ACME,
    BASIC,
    BASIC_ID,
    DOMAIN,
    PREMIUM,
    PREMIUM_ID,
    START,
    SUBSCRIPTION,
    Microsoft,
    start_microsoft,
)

from perseat.ports.directory import LicenseGrant, NewPerson
from perseat.ports.failures import CredentialsRefused, NotFound, Refused, Unanswered, WritesAreOff
from perseat.ports.seat_provider import AgreementContact, PreparedPurchase, Purchase, SupplierStatus
from perseat.simulator import credentials
from perseat.simulator.store import Dialect

DIALECTS = {
    "as documented": Dialect(),
    "in pages of one, with capitals and a byte order mark": Dialect(
        page_size=1, has_capitals=True, has_byte_order_mark=True
    ),
}


@pytest.fixture(params=DIALECTS.values(), ids=DIALECTS)
def microsoft(tmp_path: Path, request: pytest.FixtureRequest) -> Microsoft:
    started = start_microsoft(tmp_path)
    started.simulator.store.dialect = request.param
    return started


def prepare(microsoft: Microsoft, *, seats: int = 3, edition: tuple[str, str] = PREMIUM) -> PreparedPurchase:
    return microsoft.outside.seats.prepare_purchase(
        ACME,
        product_id=edition[0],
        sku_id=edition[1],
        term="P1M",
        cycle="P1M",
        seats=seats,
        country="AU",
        request_id=uuid4(),
    )


def buy(microsoft: Microsoft, *, seats: int = 3, edition: tuple[str, str] = PREMIUM) -> Purchase:
    basket = prepare(microsoft, seats=seats, edition=edition)
    return microsoft.outside.seats.complete_purchase(ACME, basket_id=basket.basket_id, request_id=uuid4())


def seats_of(microsoft: Microsoft, *, subscription_id: str = SUBSCRIPTION) -> int:
    return microsoft.outside.seats.get_subscription(ACME, subscription_id=subscription_id).seats


def set_seats(microsoft: Microsoft, seats: int, *, request_id: UUID | None = None) -> int:
    return microsoft.outside.seats.set_seats(
        ACME, subscription_id=SUBSCRIPTION, seats=seats, request_id=request_id or uuid4()
    ).seats


def person_id(microsoft: Microsoft, name: str) -> str:
    return microsoft.outside.directory.get_person(ACME, person_id=f"{name}@{DOMAIN}").person_id


def held(microsoft: Microsoft, name: str) -> set[str]:
    person = microsoft.outside.directory.get_person(ACME, person_id=f"{name}@{DOMAIN}")
    return {license_.sku_id for license_ in person.licenses}


def give(microsoft: Microsoft, name: str, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
    microsoft.outside.directory.change_licenses(
        ACME,
        person_id=person_id(microsoft, name),
        add=[LicenseGrant(sku_id=sku_id) for sku_id in add],
        remove=remove,
    )


class TestCustomer:
    def test_a_customer_is_read_with_its_agreement(self, microsoft: Microsoft) -> None:
        tenant = microsoft.outside.seats.get_tenant(ACME)

        assert (tenant.company, tenant.domain, tenant.country) == ("Acme Pty Ltd", DOMAIN, "AU")
        assert tenant.has_agreement

    def test_somebody_elses_customer_is_not_found(self, microsoft: Microsoft) -> None:
        with pytest.raises(NotFound):
            microsoft.outside.seats.get_tenant("0b9a3c54-6a5e-4f0f-9d55-000000000000")

    def test_there_is_an_invitation_for_the_customers_administrator(self, microsoft: Microsoft) -> None:
        assert credentials.PARTNER_TENANT in microsoft.outside.tenancies.get_invitation_link()

    def test_an_agreement_can_be_accepted_and_accepting_it_again_is_success(self, microsoft: Microsoft) -> None:
        newcomer = "0b9a3c54-6a5e-4f0f-9d55-6f2f1f1b7a99"
        microsoft.simulator.seed_tenant(
            tenant_id=newcomer, company="New", domain="new.example", country="AU", agreement=False
        )
        contact = AgreementContact(
            first_name="Nina", last_name="New", email="nina@new.example", agreed_on=date(2026, 11, 20)
        )
        assert not microsoft.outside.seats.get_tenant(newcomer).has_agreement

        for _time in range(2):
            microsoft.outside.seats.accept_agreement(newcomer, contact=contact, request_id=uuid4())

        assert microsoft.outside.seats.get_tenant(newcomer).has_agreement

    def test_what_needs_a_persons_consent_says_so(self, tmp_path: Path) -> None:
        app_only = start_microsoft(tmp_path, refresh_token="")

        with pytest.raises(CredentialsRefused, match="perseat connect"):
            app_only.outside.seats.get_tenant(ACME)

    def test_offers_name_the_edition_as_the_directory_does(self, microsoft: Microsoft) -> None:
        offers = microsoft.outside.seats.list_offers("AU")

        basic = [offer for offer in offers if (offer.product_id, offer.sku_id) == BASIC]
        assert {(offer.term, offer.cycle) for offer in basic} >= {("P1M", "P1M"), ("P1Y", "P1M"), ("P1Y", "P1Y")}
        assert {offer.directory_sku_id for offer in basic} == {BASIC_ID}
        assert {(offer.minimum_seats, offer.maximum_seats) for offer in basic} == {(1, 300)}


class TestBuying:
    def test_seats_are_bought_and_can_be_given(self, microsoft: Microsoft) -> None:
        bought = buy(microsoft, seats=3)

        subscription = microsoft.outside.seats.get_subscription(ACME, subscription_id=bought.subscription_id)
        assert (subscription.seats, subscription.term, subscription.cycle) == (3, "P1M", "P1M")
        assert subscription.status is SupplierStatus.ACTIVE
        assert subscription.order_id == bought.order_id
        assert [part.seats for part in subscription.returnable] == [3]
        assert microsoft.outside.seats.get_purchase(ACME, order_id=bought.order_id) == bought
        counts = microsoft.outside.directory.list_seat_counts(ACME)
        assert {(count.sku_id, count.purchased) for count in counts} == {(BASIC_ID, 2), (PREMIUM_ID, 3)}

    def test_completing_a_basket_twice_buys_once(self, microsoft: Microsoft) -> None:
        basket = prepare(microsoft)

        purchases = {
            microsoft.outside.seats.complete_purchase(ACME, basket_id=basket.basket_id, request_id=uuid4()).order_id
            for _time in range(2)
        }

        assert len(purchases) == 1
        assert len(microsoft.outside.seats.list_subscriptions(ACME)) == 2

    def test_a_lost_answer_of_the_checkout_buys_once(self, microsoft: Microsoft) -> None:
        basket, request_id = prepare(microsoft), uuid4()
        microsoft.line.lose_answer(method="POST", path="/checkout$")

        with pytest.raises(Unanswered):
            microsoft.outside.seats.complete_purchase(ACME, basket_id=basket.basket_id, request_id=request_id)
        microsoft.outside.seats.complete_purchase(ACME, basket_id=basket.basket_id, request_id=request_id)

        assert len(microsoft.outside.seats.list_subscriptions(ACME)) == 2

    def test_a_lost_request_of_the_checkout_buys_once(self, microsoft: Microsoft) -> None:
        basket, request_id = prepare(microsoft), uuid4()
        microsoft.line.lose_request(method="POST", path="/checkout$")

        with pytest.raises(Unanswered):
            microsoft.outside.seats.complete_purchase(ACME, basket_id=basket.basket_id, request_id=request_id)
        assert len(microsoft.outside.seats.list_subscriptions(ACME)) == 1
        microsoft.outside.seats.complete_purchase(ACME, basket_id=basket.basket_id, request_id=request_id)

        assert len(microsoft.outside.seats.list_subscriptions(ACME)) == 2

    def test_an_order_shows_only_after_a_while(self, tmp_path: Path) -> None:
        slow = start_microsoft(tmp_path, delay_seconds=600)
        bought = buy(slow)

        with pytest.raises(NotFound):
            slow.outside.seats.get_purchase(ACME, order_id=bought.order_id)
        slow.outside.clock.wait(601)

        found = slow.outside.seats.get_purchase(ACME, order_id=bought.order_id)
        assert seats_of(slow, subscription_id=found.subscription_id) == 3

    def test_more_than_the_tenant_may_have_is_refused_with_what_is_left(self, microsoft: Microsoft) -> None:
        with pytest.raises(Refused, match="Choose a lower number") as caught:
            prepare(microsoft, seats=299, edition=BASIC)
        assert caught.value.details["availableQuantity"] == "298"

    def test_an_edition_that_is_not_on_sale_is_refused(self, microsoft: Microsoft) -> None:
        with pytest.raises(Refused):
            prepare(microsoft, edition=("CFQ7TTC0LH18", "0999"))


class TestChangingSeats:
    def test_seats_go_up_and_inside_their_window_down(self, microsoft: Microsoft) -> None:
        assert set_seats(microsoft, 5) == 5
        assert set_seats(microsoft, 3) == 3
        assert seats_of(microsoft) == 3

    def test_after_the_window_fewer_seats_are_refused(self, microsoft: Microsoft) -> None:
        microsoft.simulator.clock.advance(timedelta(days=8))

        with pytest.raises(Refused, match="within seven days"):
            set_seats(microsoft, 1)

    @pytest.mark.parametrize("is_answer_lost", [False, True])
    def test_a_time_out_before_or_after_the_act_ends_at_the_wanted_number(
        self, microsoft: Microsoft, *, is_answer_lost: bool
    ) -> None:
        lose = microsoft.line.lose_answer if is_answer_lost else microsoft.line.lose_request
        lose(method="PATCH")
        request_id = uuid4()

        with pytest.raises(Unanswered):
            set_seats(microsoft, 4, request_id=request_id)
        assert seats_of(microsoft) == (4 if is_answer_lost else 2)
        set_seats(microsoft, 4, request_id=request_id)

        assert seats_of(microsoft) == 4

    def test_a_plan_for_the_next_term_is_made_and_withdrawn(self, microsoft: Microsoft) -> None:
        def plan(seats: int | None) -> tuple[bool, int | None]:
            after = microsoft.outside.seats.set_renewal_seats(
                ACME, subscription_id=SUBSCRIPTION, seats=seats, request_id=uuid4()
            )
            return after.renews_itself, after.renewal_seats

        assert [plan(1), plan(None), plan(0), plan(1), plan(None)] == [
            (True, 1),
            (True, None),
            (False, None),
            (True, 1),
            (True, None),
        ]

    def test_a_subscription_is_ended_and_ending_it_again_is_success(self, microsoft: Microsoft) -> None:
        for _time in range(2):
            ended = microsoft.outside.seats.end_subscription(ACME, subscription_id=SUBSCRIPTION, request_id=uuid4())
            assert ended.status is SupplierStatus.ENDED

    def test_nothing_is_written_while_writes_are_off(self, tmp_path: Path) -> None:
        read_only = start_microsoft(tmp_path, writes=False)

        for act in (
            lambda: prepare(read_only),
            lambda: set_seats(read_only, 9),
            lambda: give(read_only, "bob", add=(BASIC_ID,)),
        ):
            with pytest.raises(WritesAreOff):
                act()
        assert {call.method for call in read_only.simulator.calls if "oauth2" not in call.path} == {"GET"}


class TestPeople:
    def test_the_tenant_and_its_people_are_read(self, microsoft: Microsoft) -> None:
        directory = microsoft.outside.directory

        assert directory.get_organization(ACME).country == "AU"
        assert [domain.name for domain in directory.list_domains(ACME)] == [DOMAIN]
        people = directory.list_people(ACME).people
        assert [person.display_name for person in people] == ["Ada Lovelace", "Bob Stone", "Cy Nowhere"]
        assert people[0].created_at == START

    def test_pages_join_without_gap_or_repeat(self, microsoft: Microsoft) -> None:
        directory = microsoft.outside.directory
        names, page = [], None
        while True:
            found = directory.list_people(ACME, page=page, page_size=1, sort="-display_name")
            names += [person.display_name for person in found.people]
            page = found.next_page
            if page is None:
                break

        assert names == ["Cy Nowhere", "Bob Stone", "Ada Lovelace"]

    @pytest.mark.parametrize(
        ("search", "names"),
        [("ada", ["Ada Lovelace"]), ("love", ["Ada Lovelace"]), ("bob@", ["Bob Stone"]), ("velace", []), ('"', [])],
    )
    def test_a_search_finds_the_beginnings_of_names(self, microsoft: Microsoft, search: str, names: list[str]) -> None:
        found = microsoft.outside.directory.list_people(ACME, search=search)

        assert [person.display_name for person in found.people] == names

    def test_a_new_person_is_created_changed_and_deleted(self, microsoft: Microsoft) -> None:
        directory = microsoft.outside.directory
        wanted = NewPerson(
            sign_in_name=f"dora@{DOMAIN}",
            display_name="Dora Deer",
            first_name="Dora",
            last_name="Deer",
            country="NZ",
            password="xWwvJ]6NMw+bWH-d",
        )

        microsoft.line.lose_answer(method="POST", path="/users$")
        dora = directory.create_person(ACME, person=wanted)
        directory.update_person(ACME, person_id=dora.person_id, changes={"country": "AU", "is_enabled": False})
        changed = directory.get_person(ACME, person_id=dora.person_id)
        assert (changed.country, changed.is_enabled, changed.first_name) == ("AU", False, "Dora")

        directory.sign_out_everywhere(ACME, person_id=dora.person_id)
        for _time in range(2):
            directory.delete_person(ACME, person_id=dora.person_id)
        assert directory.list_people(ACME, search="dora").people == ()

    def test_a_sign_in_name_that_somebody_else_has_is_refused(self, microsoft: Microsoft) -> None:
        twin = NewPerson(
            sign_in_name=f"ada@{DOMAIN}",
            display_name="Another Ada",
            first_name="Ada",
            last_name="Other",
            country="AU",
            password="xWwvJ]6NMw+bWH-d",
        )

        with pytest.raises(Refused, match="Choose another"):
            microsoft.outside.directory.create_person(ACME, person=twin)

    def test_an_address_on_a_foreign_domain_is_refused_with_the_reason(self, microsoft: Microsoft) -> None:
        stranger = NewPerson(
            sign_in_name="eve@elsewhere.example",
            display_name="Eve",
            first_name="Eve",
            last_name="E",
            country="AU",
            password="xWwvJ]6NMw+bWH-d",
        )

        with pytest.raises(Refused, match="verified mail domain"):
            microsoft.outside.directory.create_person(ACME, person=stranger)


class TestLicenses:
    def test_a_change_of_edition_is_one_act(self, microsoft: Microsoft) -> None:
        buy(microsoft, seats=1)

        give(microsoft, "ada", add=(PREMIUM_ID,), remove=(BASIC_ID,))

        assert held(microsoft, "ada") == {PREMIUM_ID}
        details = microsoft.outside.directory.list_license_details(ACME, person_id=person_id(microsoft, "ada"))
        assert [detail.sku_id for detail in details] == [PREMIUM_ID]
        assert details[0].plans

    def test_a_lost_answer_gives_the_license_once(self, microsoft: Microsoft) -> None:
        microsoft.line.lose_answer(method="POST", path="/assignLicense$")

        give(microsoft, "bob", add=(BASIC_ID,))

        assert held(microsoft, "bob") == {BASIC_ID}
        counts = microsoft.outside.directory.list_seat_counts(ACME)
        assert [(count.purchased, count.assigned) for count in counts] == [(2, 2)]

    def test_the_last_seat_is_given_once(self, microsoft: Microsoft) -> None:
        give(microsoft, "bob", add=(BASIC_ID,))
        microsoft.outside.directory.update_person(ACME, person_id=person_id(microsoft, "cy"), changes={"country": "AU"})

        with pytest.raises(Refused, match="No seat of this edition is free") as caught:
            give(microsoft, "cy", add=(BASIC_ID,))
        assert caught.value.details["reason"] == "no_seat"

    def test_without_a_country_there_is_no_license(self, microsoft: Microsoft) -> None:
        with pytest.raises(Refused, match="no country yet"):
            give(microsoft, "cy", add=(BASIC_ID,))

    def test_an_edition_that_the_tenant_does_not_have_cannot_be_given(self, microsoft: Microsoft) -> None:
        with pytest.raises(Refused, match="Buy one first"):
            give(microsoft, "bob", add=(PREMIUM_ID,))

    def test_taking_what_is_not_held_is_success_and_the_rest_still_happens(self, microsoft: Microsoft) -> None:
        buy(microsoft, seats=1)

        give(microsoft, "bob", add=(PREMIUM_ID,), remove=(BASIC_ID,))

        assert held(microsoft, "bob") == {PREMIUM_ID}

    def test_a_token_that_ended_is_replaced_without_a_word(self, microsoft: Microsoft) -> None:
        assert held(microsoft, "ada") == {BASIC_ID}
        microsoft.simulator.clock.advance(timedelta(hours=2))

        assert held(microsoft, "ada") == {BASIC_ID}
