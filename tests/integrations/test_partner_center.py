"""Partner Center's contract, over canned answers: what is sent, and what each answer is taken to mean."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from uuid import UUID

import httpx
import pytest
from tests.integrations.canned import TENANT, StandingClock, Wire, partner_center, subscription

from perseat.ports.failures import CredentialsRefused, NotFound, Refused, TooLate, Unanswered, WritesAreOff
from perseat.ports.seat_provider import ReturnableSeats, SupplierStatus

REQUEST = UUID("5f0d4a3e-0000-4000-8000-00000000000a")
SUBSCRIPTION = "a4c1340d-0000-4000-8000-000000000001"
THROTTLED = httpx.Response(
    429, headers={"Retry-After": "7"}, json={"statusCode": 429, "message": "Rate limit is exceeded."}
)


def ok(body: object, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers=headers)


def refused(code: int, status: int = 400, description: str = "words") -> httpx.Response:
    return ok({"code": code, "description": description, "data": [], "source": "PartnerFD"}, status=status)


def read(wire: Wire, clock: StandingClock | None = None) -> object:
    return partner_center(wire, clock=clock).get_subscription(TENANT, subscription_id=SUBSCRIPTION)


def set_seats(wire: Wire, seats: int = 5, *, clock: StandingClock | None = None, writes: bool = True) -> object:
    return partner_center(wire, clock=clock, writes=writes).set_seats(
        TENANT, subscription_id=SUBSCRIPTION, seats=seats, request_id=REQUEST
    )


class TestReading:
    def test_a_subscription_is_read_with_its_dates_and_returnable_seats(self) -> None:
        found = partner_center(Wire(ok(subscription()))).get_subscription(TENANT, subscription_id=SUBSCRIPTION)

        assert (found.product_id, found.sku_id, found.seats) == ("CFQ7TTC0LH18", "0001", 4)
        assert (found.term, found.cycle, found.status) == ("P1Y", "P1M", SupplierStatus.ACTIVE)
        assert found.term_ends_on == date(2027, 11, 14)
        assert found.started_at == datetime(2026, 11, 15, 16, 57, 14, 498252, tzinfo=UTC)
        assert found.returnable == (ReturnableSeats(seats=3, until=datetime(2026, 11, 22, 16, 57, 14, tzinfo=UTC)),)
        assert found.renewal_seats is None

    def test_a_byte_order_mark_and_the_other_letter_case_change_nothing(self) -> None:
        def in_pascal_case(value: object) -> object:
            if isinstance(value, dict):
                return {name[0].upper() + name[1:]: in_pascal_case(part) for name, part in value.items()}
            return [in_pascal_case(part) for part in value] if isinstance(value, list) else value

        body = b"\xef\xbb\xbf" + json.dumps(in_pascal_case(subscription())).encode()

        assert read(Wire(httpx.Response(200, content=body))) == read(Wire(ok(subscription())))

    @pytest.mark.parametrize("name", ["id", "quantity"])
    def test_a_subscription_without_an_id_or_a_number_of_seats_is_no_answer(self, name: str) -> None:
        with pytest.raises(Unanswered, match=f"{name} is missing"):
            read(Wire(*[ok(subscription(**{name: None}))] * 3))

    def test_every_call_says_who_asks_and_under_which_ids(self) -> None:
        wire = Wire(ok(subscription()), ok(subscription()))
        client = partner_center(wire)
        for _time in range(2):
            client.get_subscription(TENANT, subscription_id=SUBSCRIPTION)

        headers = wire.sent[0].headers
        assert headers["Authorization"] == "Bearer token-1"
        assert headers["MS-Contract-Version"] == "v1"
        assert headers["X-Locale"] == "en-US"
        UUID(headers["MS-RequestId"])
        assert headers["MS-CorrelationId"] != wire.sent[1].headers["MS-CorrelationId"]

    def test_all_pages_are_read_with_the_continuation_token(self) -> None:
        first = {
            "totalCount": 2,
            "items": [subscription(id="one")],
            "links": {
                "next": {
                    "uri": f"/customers/{TENANT}/subscriptions?size=1?seekOperation=Next",
                    "headers": [{"key": "MS-ContinuationToken", "value": "a4ayc/80"}],
                }
            },
        }
        wire = Wire(
            ok(first),
            ok(
                {
                    "items": [
                        subscription(id="two"),
                        subscription(id="x", billingType="usage", productType={"id": "Azure"}),
                    ]
                }
            ),
        )

        found = partner_center(wire).list_subscriptions(TENANT)

        assert [one.subscription_id for one in found] == ["one", "two"]
        assert wire.sent[1].headers["MS-ContinuationToken"] == "a4ayc/80"
        assert str(wire.sent[1].url) == (
            f"https://partner.example/v1/customers/{TENANT}/subscriptions?size=1&seekOperation=Next"
        )

    def test_a_next_page_on_another_host_is_not_followed(self) -> None:
        wire = Wire(ok({"items": [], "links": {"next": {"uri": "https://evil.example/v1/customers"}}}))

        with pytest.raises(Unanswered, match="not its own"):
            partner_center(wire).list_subscriptions(TENANT)
        assert len(wire.sent) == 1

    def test_a_name_cannot_lead_to_another_path(self) -> None:
        wire = Wire(refused(20003, status=404))

        with pytest.raises(NotFound):
            partner_center(wire).get_subscription(TENANT, subscription_id="../../x?y")
        assert wire.sent[0].url.raw_path.decode().endswith("/subscriptions/..%2F..%2Fx%3Fy")

    @pytest.mark.parametrize("body", [b"<html>", b"[1]", b'{"quantity": "many"}'])
    def test_an_answer_that_is_not_by_the_contract_is_no_answer(self, body: bytes) -> None:
        with pytest.raises(Unanswered, match="cannot be read"):
            read(Wire(*[httpx.Response(200, content=body)] * 3))


class TestPatience:
    def test_a_read_is_repeated_after_a_lost_answer(self) -> None:
        clock = StandingClock()
        wire = Wire(httpx.ReadTimeout("lost"), httpx.Response(503), ok(subscription()))

        assert read(wire, clock) == read(Wire(ok(subscription())))
        assert clock.waits == [1.0, 2.0]

    @pytest.mark.parametrize(
        "throttled",
        [
            httpx.Response(429, headers={"Retry-After": "7"}, json={"statusCode": 429, "message": "Rate limit."}),
            httpx.Response(429, json={"statusCode": 429, "message": "Rate limit. Try again in 7 seconds."}),
            httpx.Response(429, headers={"Retry-After": "7"}, json={"code": 429, "description": "Too many"}),
        ],
    )
    def test_the_wait_that_microsoft_asks_for_is_kept(self, throttled: httpx.Response) -> None:
        clock = StandingClock()

        read(Wire(throttled, ok(subscription())), clock)

        assert clock.waits == [7.0]

    def test_a_wait_too_long_for_a_page_is_left_to_the_caller(self) -> None:
        clock = StandingClock()
        throttled = httpx.Response(429, headers={"Retry-After": "57"}, json={"statusCode": 429, "message": "x"})

        with pytest.raises(Unanswered) as caught:
            read(Wire(throttled), clock)
        assert caught.value.retry_after_seconds == 57
        assert clock.waits == []

    def test_a_refused_token_is_replaced_once(self) -> None:
        wire = Wire(httpx.Response(401), ok(subscription()))
        read(wire)
        assert [sent.headers["Authorization"] for sent in wire.sent] == ["Bearer token-1", "Bearer token-2"]

        with pytest.raises(CredentialsRefused, match="denied us access"):
            read(Wire(httpx.Response(401), httpx.Response(401)))

    def test_a_missing_consent_is_ours_to_mend_and_no_refusal_of_the_customer(self) -> None:
        with pytest.raises(CredentialsRefused, match="perseat connect"):
            read(Wire(refused(900329, status=403)))


class TestChangingSeats:
    def test_the_whole_resource_goes_back_with_the_new_number(self) -> None:
        wire = Wire(ok(subscription()), ok(subscription(quantity=5)))

        set_seats(wire)

        sent = wire.sent[1]
        assert (sent.method, sent.headers["If-Match"]) == ("PATCH", "etag-1")
        assert sent.headers["MS-RequestId"] == str(REQUEST)
        assert wire.body(1) == subscription(quantity=5)

    def test_an_equal_number_is_success_without_a_write(self) -> None:
        wire = Wire(ok(subscription()))

        set_seats(wire, 4)

        assert [sent.method for sent in wire.sent] == ["GET"]

    @pytest.mark.parametrize("stale", [refused(2055), httpx.Response(412)])
    def test_a_stale_etag_is_read_again_once_under_a_new_request_id(self, stale: httpx.Response) -> None:
        fresh = subscription(attributes={"etag": "etag-2"})
        wire = Wire(ok(subscription()), stale, ok(fresh), ok(subscription(quantity=5)))

        set_seats(wire)

        assert [sent.headers.get("If-Match") for sent in wire.sent] == [None, "etag-1", None, "etag-2"]
        assert wire.sent[3].headers["MS-RequestId"] != str(REQUEST)

    def test_accepted_is_looked_at_until_it_is_done(self) -> None:
        clock = StandingClock()
        wire = Wire(
            ok(subscription()),
            ok(subscription(), status=202, Location=f"/customers/{TENANT}/subscriptions/{SUBSCRIPTION}"),
            ok(subscription()),
            ok(subscription(quantity=5)),
        )

        found = partner_center(wire, clock=clock).set_seats(
            TENANT, subscription_id=SUBSCRIPTION, seats=5, request_id=REQUEST
        )

        assert found.seats == 5
        assert clock.waits == [1.0, 2.0]

    def test_a_broken_connection_is_tried_once_more_with_the_same_request_id(self) -> None:
        wire = Wire(ok(subscription()), httpx.ConnectError("down"), ok(subscription(quantity=5)))

        set_seats(wire)

        assert {sent.headers["MS-RequestId"] for sent in wire.sent[1:]} == {str(REQUEST)}

    def test_a_time_out_is_not_repeated_because_it_may_have_acted(self) -> None:
        wire = Wire(ok(subscription()), httpx.ReadTimeout("lost"))

        with pytest.raises(Unanswered):
            set_seats(wire)
        assert wire.is_used_up

    @pytest.mark.parametrize("passing", [httpx.Response(500), refused(900278, status=409), refused(800082, 409)])
    def test_a_passing_state_is_no_refusal(self, passing: httpx.Response) -> None:
        with pytest.raises(Unanswered):
            set_seats(Wire(ok(subscription()), passing))

    @pytest.mark.parametrize("code", [800090, 900214, 900257])
    def test_seats_outside_their_window_are_refused_in_plain_words(self, code: int) -> None:
        with pytest.raises(TooLate, match="within seven days") as caught:
            set_seats(Wire(ok(subscription()), refused(code)), 3)
        assert caught.value.code == str(code)

    def test_an_unknown_code_is_shown_as_it_is(self) -> None:
        with pytest.raises(Refused, match=r"Microsoft answered: Strange thing\. \(987654\)"):
            set_seats(Wire(ok(subscription()), refused(987654, description="Strange thing.")))

    def test_nothing_is_sent_while_writes_are_off(self) -> None:
        wire = Wire()

        with pytest.raises(WritesAreOff):
            set_seats(wire, writes=False)
        assert wire.sent == []


class TestPlanningTheNextTerm:
    def plan(self, wire: Wire, seats: int | None) -> None:
        partner_center(wire).set_renewal_seats(TENANT, subscription_id=SUBSCRIPTION, seats=seats, request_id=REQUEST)

    def test_fewer_seats_are_scheduled_with_the_renewal_on(self) -> None:
        wire = Wire(ok(subscription(autoRenewEnabled=False)), ok(subscription()))

        self.plan(wire, 2)

        sent = wire.body(1)
        assert sent["autoRenewEnabled"] is True
        assert sent["scheduledNextTermInstructions"] == {
            "product": {
                "productId": "CFQ7TTC0LH18",
                "skuId": "0001",
                "availabilityId": "CFQ7TTC0TODAY",
                "billingCycle": "monthly",
                "termDuration": "P1Y",
            },
            "quantity": 2,
        }

    def test_no_seats_switch_the_renewal_off(self) -> None:
        wire = Wire(ok(subscription()), ok(subscription(autoRenewEnabled=False)))

        self.plan(wire, 0)

        assert wire.body(1)["autoRenewEnabled"] is False

    @pytest.mark.parametrize(
        ("seats", "held"),
        [
            (2, {"scheduledNextTermInstructions": {"quantity": 2}}),
            (0, {"autoRenewEnabled": False}),
            (None, {}),
        ],
    )
    def test_a_plan_that_is_made_already_is_not_made_again(self, seats: int | None, held: dict[str, object]) -> None:
        wire = Wire(ok(subscription(**held)))

        self.plan(wire, seats)

        assert wire.is_used_up

    def test_a_withdrawn_plan_renews_as_it_is(self) -> None:
        wire = Wire(ok(subscription(scheduledNextTermInstructions={"quantity": 2})), ok(subscription()))

        self.plan(wire, None)

        assert wire.body(1)["scheduledNextTermInstructions"] is None


class TestEnding:
    def end(self, wire: Wire) -> None:
        partner_center(wire).end_subscription(TENANT, subscription_id=SUBSCRIPTION, request_id=REQUEST)

    def test_ending_sends_deleted(self) -> None:
        wire = Wire(ok(subscription()), ok(subscription(status="deleted")))

        self.end(wire)

        assert wire.body(1)["status"] == "deleted"

    def test_ended_before_is_success(self) -> None:
        wire = Wire(ok(subscription(status="deleted")))

        self.end(wire)

        assert wire.is_used_up
