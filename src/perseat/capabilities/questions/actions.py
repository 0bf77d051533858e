"""Writes of questions: asked by a customer's people, answered on both sides; a double click writes once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong, require_member
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.questions.models import Message, Question, QuestionState
from perseat.capabilities.subscriptions.models import Service
from perseat.domain.rights import may_ask_billing

MAXIMUM_LENGTH = 5000


class NothingWritten(Exception):
    """A message needs words."""


class MessageTooLong(Exception):
    """A message has more than MAXIMUM_LENGTH characters; `length` says how many."""

    def __init__(self, length: int) -> None:
        self.length = length
        super().__init__(length)


@transaction.atomic
def ask_about_document(text: str, *, document_number: str, customer_id: int, user_id: int, now: datetime) -> int:
    """Open a thread about one of the customer's documents and return its id; asked twice in a row, the same one.

    :raises DoesNotBelong: when the document is not the customer's.
    :raises NotAllowed: for viewers.
    :raises NothingWritten, MessageTooLong: when the text cannot be a message.
    """
    document = Document.objects.filter(number=document_number, customer_id=customer_id).first()
    if document is None:
        raise DoesNotBelong(document_number)
    kind = "Invoice" if document.kind == "invoice" else "Credit note"
    question = Question(document=document, service_id=document.service_id, subject=f"{kind} {document.number}")
    return _ask(question, text=text, customer_id=customer_id, user_id=user_id, now=now)


@transaction.atomic
def ask_about_service(text: str, *, service_id: int, customer_id: int, user_id: int, now: datetime) -> int:
    """Open a thread about one of the customer's services and return its id; otherwise like ask_about_document."""
    service = Service.objects.select_related("tenant").filter(pk=service_id, customer_id=customer_id).first()
    if service is None:
        raise DoesNotBelong(service_id)
    question = Question(service=service, subject=f"{service.name}, {service.tenant.domain}"[:200])
    return _ask(question, text=text, customer_id=customer_id, user_id=user_id, now=now)


@transaction.atomic
def write_back(question_id: int, *, text: str, customer_id: int, user_id: int, now: datetime) -> int:
    """Add a customer's message; it is the billing team's turn again. Returns the message's id.

    :raises DoesNotBelong: when the thread is not the customer's.
    :raises NotAllowed: for viewers.
    """
    member = require_member(user_id, customer_id=customer_id, right=may_ask_billing, act="write to billing")
    question = _lock(question_id, customer_id=customer_id)
    message, is_new = _write(question, text=text, user_id=user_id, is_from_staff=False, now=now)
    if is_new:
        _turn(question, state=QuestionState.OPEN)
        record_audit(
            "wrote to billing",
            actor=member.email,
            object_label=question.subject,
            at=now,
            customer_number=member.customer_number,
        )
    return message.pk


@transaction.atomic
def answer(question_id: int, *, text: str, user_id: int, now: datetime) -> tuple[int, bool]:
    """Add the billing team's answer; returns the message's id, and False if the same answer stood there already.

    :raises NotStaff: for everybody who is not of the staff.
    """
    staff = require_staff(user_id, act="answer questions")
    question = _lock(question_id, customer_id=None)
    message, is_new = _write(question, text=text, user_id=user_id, is_from_staff=True, now=now)
    if is_new:
        _turn(question, state=QuestionState.ANSWERED)
        record_audit(
            "answered question",
            actor=staff.email,
            object_label=question.subject,
            at=now,
            customer_number=question.customer.number,
        )
    return message.pk, is_new


@transaction.atomic
def close_question(question_id: int, *, user_id: int, now: datetime) -> None:
    """Say that nothing is left to answer; a later message of the customer opens it again."""
    staff = require_staff(user_id, act="close questions")
    question = _lock(question_id, customer_id=None)
    if question.state == QuestionState.CLOSED:
        return
    _turn(question, state=QuestionState.CLOSED)
    record_audit(
        "closed question",
        actor=staff.email,
        object_label=question.subject,
        at=now,
        customer_number=question.customer.number,
    )


def _ask(question: Question, *, text: str, customer_id: int, user_id: int, now: datetime) -> int:
    member = require_member(user_id, customer_id=customer_id, right=may_ask_billing, act="ask billing")
    words = _words(text)
    Customer.objects.select_for_update().get(pk=customer_id)  # two clicks come one after the other
    twin = Question.objects.filter(
        customer_id=customer_id,
        document_id=question.document_id,
        service_id=question.service_id,
        asked_by_id=user_id,
        state=QuestionState.OPEN,
    ).order_by("-pk")
    for earlier in twin[:1]:
        last = earlier.messages.order_by("-pk").first()
        if last is not None and last.text == words:
            return earlier.pk
    question.customer_id, question.asked_by_id, question.asked_at = customer_id, user_id, now
    question.save()
    _write(question, text=words, user_id=user_id, is_from_staff=False, now=now)
    record_audit(
        "asked billing",
        actor=member.email,
        object_label=question.subject,
        at=now,
        customer_number=member.customer_number,
    )
    return question.pk


def _write(question: Question, *, text: str, user_id: int, is_from_staff: bool, now: datetime) -> tuple[Message, bool]:
    words = _words(text)
    last = question.messages.order_by("-pk").first()
    if last is not None and last.author_id == user_id and last.text == words and last.is_from_staff == is_from_staff:
        return last, False
    message = Message.objects.create(
        question=question, author_id=user_id, is_from_staff=is_from_staff, text=words, written_at=now
    )
    return message, True


def _words(text: str) -> str:
    words = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not words:
        raise NothingWritten
    if len(words) > MAXIMUM_LENGTH:
        raise MessageTooLong(len(words))
    return words


def _lock(question_id: int, *, customer_id: int | None) -> Question:
    rows = Question.objects.select_for_update(of=("self",)).select_related("customer").filter(pk=question_id)
    if customer_id is not None:
        rows = rows.filter(customer_id=customer_id)
    question = rows.first()
    if question is None:
        raise DoesNotBelong(question_id)
    return question


def _turn(question: Question, *, state: QuestionState) -> None:
    question.state = state
    question.save(update_fields=["state"])
