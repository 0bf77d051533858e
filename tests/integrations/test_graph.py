"""Graph's contract, over canned answers: what is sent, and what each answer is taken to mean."""

from __future__ import annotations

import base64

import httpx
import pytest
import structlog.testing
from tests.integrations.canned import TENANT, StandingClock, Wire, graph

from perseat.ports.directory import LicenseGrant, NewPerson
from perseat.ports.failures import CredentialsRefused, NotFound, Refused, Unanswered, WritesAreOff

BASIC = "3b555118-da6a-4418-894f-7df1e2096870"
PREMIUM = "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"
USER = {
    "id": "u-1",
    "userPrincipalName": "ada@acme.example",
    "displayName": "Ada Lovelace",
    "givenName": "Ada",
    "surname": "Lovelace",
    "usageLocation": "AU",
    "accountEnabled": True,
    "userType": "Member",
    "createdDateTime": "2026-11-22T08:59:00Z",
    "assignedLicenses": [{"skuId": BASIC, "disabledPlans": []}],
    "licenseAssignmentStates": [
        {"skuId": BASIC, "assignedByGroup": None, "disabledPlans": [], "state": "Active", "error": "None"},
        {"skuId": PREMIUM, "assignedByGroup": "g-1", "state": "Error", "error": "CountViolation"},
    ],
}
ADA = NewPerson(
    sign_in_name="ada@acme.example",
    display_name="Ada Lovelace",
    first_name="Ada",
    last_name="Lovelace",
    country="AU",
    password="Correct-horse-7",
)


def ok(body: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)


def refused(message: str, status: int = 400, code: str = "Request_BadRequest") -> httpx.Response:
    return ok({"error": {"code": code, "message": message, "innerError": {"request-id": "r-1"}}}, status=status)


NOT_FOUND = refused("Resource 'u-1' does not exist.", status=404, code="Request_ResourceNotFound")


def change(wire: Wire, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = (), writes: bool = True) -> None:
    graph(wire, writes=writes).change_licenses(
        TENANT, person_id="u-1", add=[LicenseGrant(sku_id=sku) for sku in add], remove=remove
    )


class TestPeople:
    def test_a_person_shows_which_license_comes_from_a_group_and_its_error(self) -> None:
        person = graph(Wire(ok(USER))).get_person(TENANT, person_id="u-1")

        assert [(held.sku_id, held.from_group, held.error) for held in person.licenses] == [
            (BASIC, None, ""),
            (PREMIUM, "g-1", "CountViolation"),
        ]
        assert (person.country, person.is_enabled, person.is_guest) == ("AU", True, False)

    def test_a_list_selects_what_is_read_and_sorts(self) -> None:
        wire = Wire(ok({"value": [USER]}))

        graph(wire).list_people(TENANT, sort="-sign_in_name", page_size=5000)

        query = wire.sent[0].url.params
        assert "licenseAssignmentStates" in query["$select"]
        assert (query["$orderby"], query["$top"]) == ("userPrincipalName desc", "999")
        assert "ConsistencyLevel" not in wire.sent[0].headers

    def test_a_search_looks_for_beginnings_and_cannot_break_out_of_its_quotes(self) -> None:
        wire = Wire(ok({"value": [], "@odata.count": 0}))

        page = graph(wire).list_people(TENANT, search='  ada " OR "mail:x ')

        query = wire.sent[0].url.params
        assert query["$search"].startswith('"displayName:ada \\" OR \\"mail:x" OR "givenName:')
        assert wire.sent[0].headers["ConsistencyLevel"] == "eventual"
        assert page.total == 0

    def test_the_next_page_keeps_its_search_and_stays_at_graph(self) -> None:
        link = 'https://graph.example/v1.0/users?$search="displayName:ada"&$skiptoken=abc'
        wire = Wire(ok({"value": [USER], "@odata.nextLink": link}), ok({"value": []}))
        client = graph(wire)

        first = client.list_people(TENANT, search="ada")
        last = client.list_people(TENANT, page=first.next_page)

        assert wire.sent[1].url.params["$skiptoken"] == "abc"
        assert wire.sent[1].headers["ConsistencyLevel"] == "eventual"
        assert last.next_page is None

    @pytest.mark.parametrize("path", ["https://evil.example/users?", "@evil.example/users?", "/../beta/users?", ""])
    def test_a_page_that_we_did_not_hand_out_is_refused_before_anything_is_sent(self, path: str) -> None:
        wire = Wire()

        with pytest.raises(Refused, match="Begin at the first page"):
            graph(wire).list_people(TENANT, page=base64.urlsafe_b64encode(path.encode()).decode())
        assert wire.sent == []

    def test_a_next_link_to_another_host_is_not_handed_out(self) -> None:
        with pytest.raises(Unanswered, match="not its own"):
            graph(
                Wire(ok({"value": [], "@odata.nextLink": "https://graph.example.evil.example/v1.0/users?"}))
            ).list_people(TENANT)

    def test_a_new_person_is_read_back_although_not_known_everywhere_at_once(self) -> None:
        clock = StandingClock()
        wire = Wire(ok({"id": "u-1"}, status=201), NOT_FOUND, ok(USER))

        person = graph(wire, clock=clock).create_person(TENANT, person=ADA)

        assert person.person_id == "u-1"
        assert clock.waits == [1.0]
        assert wire.body(0) == {
            "accountEnabled": True,
            "displayName": "Ada Lovelace",
            "givenName": "Ada",
            "surname": "Lovelace",
            "userPrincipalName": "ada@acme.example",
            "mailNickname": "ada",
            "usageLocation": "AU",
            "passwordProfile": {"password": "Correct-horse-7", "forceChangePasswordNextSignIn": True},
        }

    def test_a_person_created_by_a_lost_answer_is_found_and_not_refused(self) -> None:
        taken = refused("Another object with the same value for property userPrincipalName already exists.")
        wire = Wire(httpx.ReadTimeout("lost"), taken, ok(USER))

        assert graph(wire).create_person(TENANT, person=ADA).person_id == "u-1"

    @pytest.mark.parametrize("other", [{"displayName": "Ada Byron"}, {"createdDateTime": "2020-01-01T00:00:00Z"}])
    def test_a_taken_sign_in_name_is_refused(self, other: dict[str, str]) -> None:
        taken = refused("Another object with the same value for property userPrincipalName already exists.")

        with pytest.raises(Refused, match="Choose another"):
            graph(Wire(taken, ok(USER | other))).create_person(TENANT, person=ADA)

    def test_changes_go_under_microsofts_names_and_an_empty_text_clears(self) -> None:
        wire = Wire(httpx.Response(204))

        graph(wire).update_person(
            TENANT, person_id="u-1", changes={"country": "NZ", "job_title": "", "is_enabled": False}
        )

        assert wire.body(0) == {"usageLocation": "NZ", "jobTitle": None, "accountEnabled": False}

    def test_an_unknown_field_is_an_error_of_ours(self) -> None:
        with pytest.raises(ValueError, match="password"):
            graph(Wire()).update_person(TENANT, person_id="u-1", changes={"password": "x"})

    def test_deleting_who_is_gone_is_success(self) -> None:
        wire = Wire(NOT_FOUND)

        graph(wire).delete_person(TENANT, person_id="u-1")

        assert wire.is_used_up


class TestLicenses:
    def test_add_and_remove_are_one_call(self) -> None:
        wire = Wire(ok(USER))

        change(wire, add=(PREMIUM,), remove=(BASIC,))

        assert wire.body(0) == {
            "addLicenses": [{"skuId": PREMIUM, "disabledPlans": []}],
            "removeLicenses": [BASIC],
        }

    def test_both_keys_are_sent_also_when_one_is_empty(self) -> None:
        wire = Wire(ok(USER))

        change(wire, add=(PREMIUM,))

        assert wire.body(0)["removeLicenses"] == []

    @pytest.mark.parametrize(
        ("message", "reason", "words"),
        [
            ("License assignment cannot be done for user with invalid usage location.", "no_country", "country"),
            (f"Subscription with SKU {BASIC} does not have any available licenses.", "no_seat", "No seat"),
            (
                "License assignment failed because service plans a, b are mutually exclusive.",
                "conflict",
                "in the same step",
            ),
            ("License assignment failed because service plan a conflicts with service plan b.", "conflict", "apps"),
            (
                "License assignment failed because service plan a depends on the service plan(s) b",
                "dependency",
                "need apps of another",
            ),
            (f"License {BASIC} does not correspond to a valid company License.", "not_owned", "Buy one first"),
            (
                "User license is inherited from a group membership and it cannot be removed directly from the user.",
                "from_group",
                "out of the group",
            ),
            ("Something quite new.", "unknown", "Microsoft answered: Something quite new."),
        ],
    )
    def test_each_refusal_has_a_sentence_and_a_name(self, message: str, reason: str, words: str) -> None:
        with pytest.raises(Refused, match=words) as caught:
            change(Wire(refused(message)), add=(BASIC,))
        assert caught.value.details["reason"] == reason
        assert (caught.value.code, caught.value.correlation_id) == ("Request_BadRequest", "r-1")

    def test_removing_what_is_not_held_is_success_and_the_rest_still_happens(self) -> None:
        not_held = refused("User does not have a corresponding license.")
        without = USER | {"licenseAssignmentStates": [], "assignedLicenses": []}
        wire = Wire(not_held, ok(without), ok(USER))

        change(wire, add=(PREMIUM,), remove=(BASIC,))

        assert wire.body(2) == {"addLicenses": [{"skuId": PREMIUM, "disabledPlans": []}], "removeLicenses": []}

    def test_removing_only_what_is_not_held_asks_no_second_time(self) -> None:
        without = USER | {"licenseAssignmentStates": [], "assignedLicenses": []}
        wire = Wire(refused("User does not have a corresponding license."), ok(without))

        change(wire, remove=(BASIC,))

        assert wire.is_used_up

    def test_a_person_created_a_moment_ago_is_waited_for(self) -> None:
        wire = Wire(NOT_FOUND, ok(USER))

        change(wire, add=(BASIC,))

        assert wire.is_used_up

    def test_somebody_who_stays_unknown_is_not_found(self) -> None:
        with pytest.raises(NotFound, match="does not know this person"):
            change(Wire(*[NOT_FOUND] * 4), add=(BASIC,))

    def test_nothing_is_sent_while_writes_are_off(self) -> None:
        wire = Wire()

        with pytest.raises(WritesAreOff):
            change(wire, add=(BASIC,), writes=False)
        assert wire.sent == []

    def test_seats_are_counted_by_edition_without_those_of_the_company(self) -> None:
        sku = {
            "skuId": BASIC.upper(),
            "skuPartNumber": "O365_BUSINESS_ESSENTIALS",
            "appliesTo": "User",
            "capabilityStatus": "Enabled",
            "consumedUnits": 3,
            "prepaidUnits": {"enabled": 4, "warning": 9},
            "servicePlans": [
                {
                    "servicePlanId": "p",
                    "servicePlanName": "TEAMS1",
                    "provisioningStatus": "Success",
                    "appliesTo": "User",
                },
                {"servicePlanId": "q", "servicePlanName": "INTUNE", "appliesTo": "Company"},
            ],
        }

        counts = graph(Wire(ok({"value": [sku, sku | {"appliesTo": "Company"}]}))).list_seat_counts(TENANT)

        assert [(count.sku_id, count.purchased, count.assigned) for count in counts] == [(BASIC, 4, 3)]
        assert [plan.name for plan in counts[0].plans] == ["TEAMS1"]


class TestPatience:
    def test_a_decimal_wait_is_kept_through_the_clock(self) -> None:
        clock = StandingClock()
        throttled = httpx.Response(429, headers={"Retry-After": "2.128"}, json={"error": {"code": "TooManyRequests"}})

        graph(Wire(throttled, ok(USER)), clock=clock).get_person(TENANT, person_id="u-1")

        assert clock.waits == [2.128]

    def test_a_wait_too_long_is_told_to_the_caller(self) -> None:
        throttled = httpx.Response(429, headers={"Retry-After": "150"}, json={"error": {"code": "TooManyRequests"}})

        with pytest.raises(Unanswered) as caught:
            graph(Wire(throttled)).get_person(TENANT, person_id="u-1")
        assert caught.value.retry_after_seconds == 150

    def test_a_missing_permission_is_ours_to_mend(self) -> None:
        denied = refused("Insufficient privileges.", status=403, code="Authorization_RequestDenied")

        with pytest.raises(CredentialsRefused, match="lacks a permission"):
            graph(Wire(denied)).list_seat_counts(TENANT)

    def test_every_call_has_an_id_of_ours(self) -> None:
        wire = Wire(httpx.Response(503), ok(USER))

        graph(wire).get_person(TENANT, person_id="u-1")

        assert len({sent.headers["client-request-id"] for sent in wire.sent}) == 2

    def test_the_log_names_the_call_and_no_person(self) -> None:
        with structlog.testing.capture_logs() as written:
            graph(Wire(ok(USER))).get_person(TENANT, person_id="ada@acme.example")

        assert [entry["path"] for entry in written] == ["/users/(sign-in name)"]
        assert "token-1" not in str(written)
