"""Writes of questions: asked by a customer's people, answered on both sides; a double click writes once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong, require_member
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.questions.models import Message, Question
from perseat.capabilities.questions.queries import BALANCE, name_document, name_service
from perseat.capabilities.subscriptions.models import Service
from perseat.domain.parties import QuestionState
from perseat.domain.rights import may_ask_billing

MAXIMUM_LENGTH = 5000
GENERAL = "Your account with us"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A message of a thread; `is_new` is False when the very same one stood there already (a double click)."""

    question_id: int
    message_id: int
    is_new: bool


class NothingWritten(Exception):
    """A message needs words."""


class MessageTooLong(Exception):
    """A message has more than MAXIMUM_LENGTH characters; `length` says how many."""

    def __init__(self, length: int) -> None:
        self.length = length
        super().__init__(length)


@transaction.atomic
def ask_about_document(text: str, *, document_number: str, customer_id: int, user_id: int, now: datetime) -> Written:
    """Open a thread about one of the customer's documents; asked twice in a row, it is the same one.

    :raises DoesNotBelong: when the document is not the customer's.
    :raises NotAllowed: for viewers.
    :raises NothingWritten, MessageTooLong: when the text cannot be a message.
    """
    subject = name_document(document_number, customer_id=customer_id)
    document = Document.objects.select_related("service").get(number=document_number)
    question = Question(document=document, service=document.service, subject=subject)
    return _ask(question, text=text, customer_id=customer_id, user_id=user_id, now=now)


@transaction.atomic
def ask_about_service(text: str, *, service_id: int, customer_id: int, user_id: int, now: datetime) -> Written:
    """Open a thread about one of the customer's services; otherwise like ask_about_document."""
    subject = name_service(service_id, customer_id=customer_id)
    question = Question(service=Service.objects.get(pk=service_id), subject=subject[:200])
    return _ask(question, text=text, customer_id=customer_id, user_id=user_id, now=now)


@transaction.atomic
def ask_about_balance(text: str, *, customer_id: int, user_id: int, now: datetime) -> Written:
    """Open a thread about what is held for the customer; otherwise like ask_about_document."""
    return _ask(Question(subject=BALANCE), text=text, customer_id=customer_id, user_id=user_id, now=now)


@transaction.atomic
def ask_in_general(text: str, *, customer_id: int, user_id: int, now: datetime) -> Written:
    """Open a thread about no document and no service; otherwise like ask_about_document."""
    return _ask(Question(subject=GENERAL), text=text, customer_id=customer_id, user_id=user_id, now=now)


@transaction.atomic
def write_back(question_id: int, *, text: str, customer_id: int, user_id: int, now: datetime) -> Written:
    """Add a customer's message; it is the billing team's turn again.

    :raises DoesNotBelong: when the thread is not the customer's.
    :raises NotAllowed: for viewers.
    """
    member = require_member(user_id, customer_id=customer_id, right=may_ask_billing, act="write to billing")
    question = _lock(question_id, customer_id=customer_id)
    written = _write(question, text=text, user_id=user_id, is_from_staff=False, now=now)
    if written.is_new:
        _turn(question, state=QuestionState.OPEN)
        record_audit(
            "wrote to billing",
            actor=member.email,
            object_label=question.subject,
            at=now,
            customer_number=member.customer_number,
        )
    return written


@transaction.atomic
def answer(question_id: int, *, text: str, user_id: int, now: datetime) -> Written:
    """Add the billing team's answer; it is the customer's turn.

    :raises NotStaff: for everybody who is not of the staff.
    """
    staff = require_staff(user_id, act="answer questions")
    question = _lock(question_id, customer_id=None)
    written = _write(question, text=text, user_id=user_id, is_from_staff=True, now=now)
    if written.is_new:
        _turn(question, state=QuestionState.ANSWERED)
        record_audit(
            "answered question",
            actor=staff.email,
            object_label=question.subject,
            at=now,
            customer_number=question.customer.number,
        )
    return written


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


def _ask(question: Question, *, text: str, customer_id: int, user_id: int, now: datetime) -> Written:
    member = require_member(user_id, customer_id=customer_id, right=may_ask_billing, act="ask billing")
    words = _words(text)
    Customer.objects.select_for_update().get(pk=customer_id)  # two clicks come one after the other
    earlier = (
        Question.objects.filter(
            customer_id=customer_id, document=question.document, service=question.service, asked_by_id=user_id
        )
        .filter(state=QuestionState.OPEN)
        .order_by("-pk")
        .first()
    )
    last = earlier.messages.order_by("-pk").first() if earlier else None
    if last is not None and last.text == words:
        return Written(question_id=last.question_id, message_id=last.pk, is_new=False)
    question.customer_id, question.asked_by_id, question.asked_at = customer_id, user_id, now
    question.save()
    written = _write(question, text=words, user_id=user_id, is_from_staff=False, now=now)
    record_audit(
        "asked billing",
        actor=member.email,
        object_label=question.subject,
        at=now,
        customer_number=member.customer_number,
    )
    return written


def _write(question: Question, *, text: str, user_id: int, is_from_staff: bool, now: datetime) -> Written:
    words = _words(text)
    last = question.messages.order_by("-pk").first()
    if last is not None and last.author_id == user_id and last.text == words and last.is_from_staff == is_from_staff:
        return Written(question_id=question.pk, message_id=last.pk, is_new=False)
    message = Message.objects.create(
        question=question, author_id=user_id, is_from_staff=is_from_staff, text=words, written_at=now
    )
    return Written(question_id=question.pk, message_id=message.pk, is_new=True)


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
