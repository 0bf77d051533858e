"""Reads of questions: the threads of a customer, and those that wait for the billing team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.questions.models import Message, Question
from perseat.capabilities.subscriptions.models import Service
from perseat.domain.parties import QuestionState

BALANCE = "Return of the balance"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadMessage:
    """One message; `author` is an address."""

    id: int
    author: str
    author_name: str
    is_from_staff: bool
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """A thread in a list."""

    id: int
    customer_id: int
    customer_number: str
    customer_name: str
    subject: str
    state: QuestionState
    asked_by: str
    asked_at: datetime
    document_number: str
    service_id: int | None

    @property
    def waits_for_billing(self) -> bool:
        """Whether it is the billing team's turn."""
        return self.state is QuestionState.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A question with all its messages, the oldest first."""

    question: QuestionRow
    messages: tuple[ThreadMessage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLetter:
    """What the e-mail about an answer needs."""

    question_id: int
    message_id: int
    to: str
    subject: str
    text: str
    customer_number: str


def name_document(number: str, *, customer_id: int) -> str:
    """The subject of a question about the document ("Invoice INV-000012"); DoesNotBelong if not the customer's."""
    document = Document.objects.filter(number=number, customer_id=customer_id).only("kind", "number").first()
    if document is None:
        raise DoesNotBelong(number)
    return f"{'Invoice' if document.kind == 'invoice' else 'Credit note'} {document.number}"


def name_service(service_id: int, *, customer_id: int) -> str:
    """The subject of a question about the service ("Microsoft 365, acme.example"); DoesNotBelong likewise."""
    service = Service.objects.select_related("tenant").filter(pk=service_id, customer_id=customer_id).first()
    if service is None:
        raise DoesNotBelong(service_id)
    return f"{service.name}, {service.tenant.domain}"


def get_thread(question_id: int, *, customer_id: int) -> Thread:
    """A customer's thread; DoesNotBelong for anybody else's."""
    return _thread(_threads().filter(customer_id=customer_id), question_id=question_id)


def get_thread_for_staff(question_id: int) -> Thread:
    """Any thread; DoesNotBelong when there is none."""
    return _thread(_threads(), question_id=question_id)


def list_questions(
    customer_id: int, *, document_number: str | None = None, service_id: int | None = None, subject: str | None = None,
    limit: int = 50,
) -> tuple[QuestionRow, ...]:  # fmt: skip
    """A customer's threads, of all or about one document, service or subject, the newest first."""
    rows = _rows().filter(customer_id=customer_id)
    if document_number is not None:
        rows = rows.filter(document__number=document_number)
    if service_id is not None:
        rows = rows.filter(service_id=service_id)
    if subject is not None:
        rows = rows.filter(subject=subject)
    return tuple(_row(each) for each in rows.order_by("-pk")[:limit])


def list_questions_for_staff(
    *, state: QuestionState | None = None, customer_id: int | None = None, before_id: int | None = None, page_size: int
) -> tuple[QuestionRow, ...]:
    """Threads of all customers, the newest first; `before_id` is exclusive."""
    rows = _rows()
    if state is not None:
        rows = rows.filter(state=state)
    if customer_id is not None:
        rows = rows.filter(customer_id=customer_id)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return tuple(_row(each) for each in rows.order_by("-pk")[:page_size])


def get_answer_letter(message_id: int) -> AnswerLetter:
    """What the e-mail about a message of the billing team says, and to whom: the person who asked."""
    message = Message.objects.select_related("question__asked_by", "question__customer").get(pk=message_id)
    return AnswerLetter(
        question_id=message.question_id,
        message_id=message.pk,
        to=message.question.asked_by.email,
        subject=message.question.subject,
        text=message.text,
        customer_number=message.question.customer.number,
    )


def _rows() -> QuerySet[Question]:
    return Question.objects.select_related("customer", "asked_by", "document")


def _threads() -> QuerySet[Question]:
    messages = Message.objects.select_related("author").order_by("pk")
    return _rows().prefetch_related(Prefetch("messages", queryset=messages))


def _thread(threads: QuerySet[Question], *, question_id: int) -> Thread:
    question = threads.filter(pk=question_id).first()
    if question is None:
        raise DoesNotBelong(question_id)
    messages = tuple(
        ThreadMessage(
            id=each.pk,
            author=each.author.email,
            author_name=each.author.full_name or each.author.email,
            is_from_staff=each.is_from_staff,
            text=each.text,
            written_at=each.written_at,
        )
        for each in question.messages.all()
    )
    return Thread(question=_row(question), messages=messages)


def _row(question: Question) -> QuestionRow:
    return QuestionRow(
        id=question.pk,
        customer_id=question.customer_id,
        customer_number=question.customer.number,
        customer_name=question.customer.legal_name,
        subject=question.subject,
        state=QuestionState(question.state),
        asked_by=question.asked_by.email,
        asked_at=question.asked_at,
        document_number=question.document.number if question.document else "",
        service_id=question.service_id,
    )
