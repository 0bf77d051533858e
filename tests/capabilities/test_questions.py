"""Questions to the billing team: whose turn it is, who may write, and that a double click writes once."""

from __future__ import annotations

import pytest
from tests.makers import make_customer, make_member, make_service, make_user, moment

from perseat.capabilities.accounts.queries import NotAllowed, NotStaff
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.questions import actions
from perseat.capabilities.questions.models import Message
from perseat.capabilities.questions.queries import get_thread, list_questions_for_staff
from perseat.domain.parties import QuestionState
from perseat.domain.rights import MemberRole, StaffRole

pytestmark = pytest.mark.django_db

NOW = moment("2026-11-22")


def test_a_question_about_an_invoice_waits_for_billing_and_the_answer_for_the_customer() -> None:
    customer = make_customer()
    make_service(customer, seats={"basic": 1})
    owner, clerk = make_member(customer), make_user(staff_role=StaffRole.CLERK)
    number = Document.objects.filter(customer=customer).values_list("number", flat=True)[0]

    asked = actions.ask_about_document(
        "Why 26 days?", document_number=number, customer_id=customer.pk, user_id=owner.pk, now=NOW
    )
    waiting = list_questions_for_staff(state=QuestionState.OPEN, page_size=10)
    actions.answer(asked.question_id, text="Because of the 15th.", user_id=clerk.pk, now=NOW)

    thread = get_thread(asked.question_id, customer_id=customer.pk)
    assert [each.id for each in waiting] == [asked.question_id]
    assert thread.question.subject == f"Invoice {number}"
    assert thread.question.state is QuestionState.ANSWERED
    assert [(each.text, each.is_from_staff) for each in thread.messages] == [
        ("Why 26 days?", False),
        ("Because of the 15th.", True),
    ]


def test_writing_back_opens_a_closed_question_again() -> None:
    customer = make_customer()
    service = make_service(customer)
    owner, clerk = make_member(customer), make_user(staff_role=StaffRole.CLERK)
    asked = actions.ask_about_service(
        "When is it charged?", service_id=service.pk, customer_id=customer.pk, user_id=owner.pk, now=NOW
    )
    actions.close_question(asked.question_id, user_id=clerk.pk, now=NOW)

    actions.write_back(asked.question_id, text="And how?", customer_id=customer.pk, user_id=owner.pk, now=NOW)

    assert get_thread(asked.question_id, customer_id=customer.pk).question.state is QuestionState.OPEN


def test_a_double_click_asks_and_answers_once() -> None:
    customer = make_customer()
    service = make_service(customer)
    owner, clerk = make_member(customer), make_user(staff_role=StaffRole.CLERK)

    asked = [
        actions.ask_about_service("Twice?", service_id=service.pk, customer_id=customer.pk, user_id=owner.pk, now=NOW)
        for _ in range(2)
    ]
    answered = [actions.answer(asked[0].question_id, text="Once.", user_id=clerk.pk, now=NOW) for _ in range(2)]

    assert asked[0].question_id == asked[1].question_id
    assert [each.is_new for each in (*asked, *answered)] == [True, False, True, False]
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        ("owner", None),
        ("colleague", None),
        ("viewer", NotAllowed),
        ("stranger", DoesNotBelong),
        ("clerk", DoesNotBelong),
    ],
)
def test_who_may_ask(who: str, refusal: type[Exception] | None) -> None:
    customer = make_customer()
    service = make_service(customer)
    cast = {
        "owner": make_member(customer),
        "colleague": make_member(customer, role=MemberRole.LICENSE_MANAGER),
        "viewer": make_member(customer, role=MemberRole.VIEWER),
        "stranger": make_member(make_customer()),
        "clerk": make_user(staff_role=StaffRole.CLERK),
    }

    def ask() -> None:
        actions.ask_about_service(
            "May I?", service_id=service.pk, customer_id=customer.pk, user_id=cast[who].pk, now=NOW
        )

    if refusal is None:
        ask()
        assert Message.objects.count() == 1
        return
    with pytest.raises(refusal):
        ask()
    assert Message.objects.count() == 0


def test_a_customers_own_people_cannot_answer_as_the_billing_team() -> None:
    customer = make_customer()
    service = make_service(customer)
    owner = make_member(customer)
    asked = actions.ask_about_service(
        "Hello?", service_id=service.pk, customer_id=customer.pk, user_id=owner.pk, now=NOW
    )

    with pytest.raises(NotStaff):
        actions.answer(asked.question_id, text="All free.", user_id=owner.pk, now=NOW)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [("", actions.NothingWritten), (" \n\t", actions.NothingWritten), ("x" * 5001, actions.MessageTooLong)],
)
def test_a_message_needs_words_and_an_end(text: str, refusal: type[Exception]) -> None:
    customer = make_customer()
    service = make_service(customer)
    owner = make_member(customer)

    with pytest.raises(refusal):
        actions.ask_about_service(text, service_id=service.pk, customer_id=customer.pk, user_id=owner.pk, now=NOW)
