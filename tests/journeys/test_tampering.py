"""Tampering with issued documents and the ledger: refused to each role, and found when the guards were switched off."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from tests import makers
from tests.journeys.cast import begin
from tests.journeys.tampering import as_owner, tamper

from perseat.capabilities.invoicing.models import Document
from perseat.config import guard_diagnosis
from perseat.config.diagnosis import Finding
from perseat.journeys.audit import audit_customers

pytestmark = pytest.mark.django_db

GUARDED = (
    "document", "document_line", "document_tax", "ledger_entry", "ledger_line", "allocation", "quote", "quote_line",
    "sales_order_line", "sales_order_event", "seat_movement", "audit_entry", "price", "tax_rate",
)  # fmt: skip
ATTEMPTS = {
    "UPDATE": "UPDATE {table} SET id = id + 1000000",
    "DELETE": "DELETE FROM {table}",
    "TRUNCATE": "TRUNCATE {table} CASCADE",
}


def refuse(statement: str) -> str:
    with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return str(refusal.value)


@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_neither_the_application_nor_the_owner_can_change_what_was_issued(table: str, attempt: str) -> None:
    begin({"basic": 2})
    statement = ATTEMPTS[attempt].format(table=table)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("perseat_app",)

    assert "annot" in refuse(statement) or "permission denied" in refuse(statement)
    with as_owner():
        said = refuse(statement)
    assert "Cannot" in said


@pytest.mark.parametrize("table", GUARDED)
def test_no_session_can_ask_the_triggers_to_look_away(table: str) -> None:
    begin({"basic": 2})
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(tgname)::text FROM pg_trigger WHERE NOT tgisinternal")
        (names,) = cursor.fetchone() or ("",)
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [names])
    assert "Cannot" in refuse(f"UPDATE {table} SET id = id + 1000000")  # noqa: S608 - a fixed list of tables


def finding(subject: str) -> Finding:
    return next(each for each in guard_diagnosis.examine() if each.subject == subject)


def test_the_doctor_is_content_with_what_migrate_made() -> None:
    begin({"basic": 2})
    assert [str(each) for each in guard_diagnosis.examine() if not each.is_well] == []


def test_an_owner_who_switches_triggers_off_and_changes_an_amount_is_found_by_audit_and_doctor() -> None:
    story = begin({"basic": 2})
    story.renew("2026-12-15")
    victim = Document.objects.order_by("pk")[1]
    tamper("document_line", "UPDATE document_line SET amount_minor = 1 WHERE document_id = %s", victim.pk)

    found = finding("documents")
    assert not found.is_well
    assert f"{victim.number}: was changed after it was issued" in found.sentence
    assert "INV-000001" not in found.sentence
    ((_number, differences),) = audit_customers([story.customer.pk], now=makers.moment("2026-12-20"))
    assert {each.subject for each in differences} >= {victim.number}


def test_a_forged_hash_breaks_the_chain_after_it() -> None:
    story = begin({"basic": 2})
    story.renew("2026-12-15")
    tamper("document", "UPDATE document SET content_hash = repeat('0', 64) WHERE sequence = 1")
    said = finding("documents").sentence
    assert "INV-000001: was changed after it was issued" in said
    assert "INV-000002: the hash of the document before it" in said


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("ALTER TABLE document DISABLE TRIGGER USER", "document_append_only of document is switched off"),
        ("ALTER TABLE ledger_line DISABLE TRIGGER ALL", ""),
        (("DO $$ DECLARE t name; BEGIN SELECT tgname INTO t FROM pg_trigger WHERE tgrelid = 'allocation'::regclass"
         " AND NOT tgisinternal LIMIT 1; EXECUTE format('DROP TRIGGER %I ON allocation', t); END $$"),
         "of allocation is missing"),
        (("DO $$ DECLARE f text; BEGIN SELECT tgfoid::regproc::text INTO f FROM pg_trigger WHERE tgrelid ="
         " 'document'::regclass AND NOT tgisinternal LIMIT 1; EXECUTE 'CREATE OR REPLACE FUNCTION ' || f ||"
         " '() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN RETURN NEW; END'''; END $$"),
         "of document does something else"),
        (("CREATE OR REPLACE FUNCTION _pgtrigger_should_ignore(trigger_name name) RETURNS boolean LANGUAGE plpgsql"
         " AS 'BEGIN RETURN TRUE; END;'"), "could skip the triggers"),
    ],
    ids=["off", "all off", "dropped", "hollow", "skipped"],
)  # fmt: skip
def test_the_doctor_finds_guards_that_were_taken_down(statement: str, said: str) -> None:
    with as_owner():
        if not said:
            assert "permission denied" in refuse(statement)  # the checks of PostgreSQL itself stay on for the owner
            return
        with connection.cursor() as cursor:
            cursor.execute(statement)
    assert said in finding("guards").sentence


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("GRANT TRUNCATE ON document TO perseat_app", "may empty document"),
        ("GRANT UPDATE ON django_migrations TO perseat_app", "may write django_migrations"),
    ],
)
def test_the_doctor_finds_rights_that_the_application_should_not_have(statement: str, said: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert said in finding("rights").sentence
