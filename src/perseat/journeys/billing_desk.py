"""Billing desk: questions of customers and answers of the billing team, each told to the other side by e-mail."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from perseat.capabilities.questions import actions as questions
from perseat.domain.events import QuestionAnswered, QuestionAsked
from perseat.journeys.reactions import react


@transaction.atomic
def ask_about_document(text: str, *, document_number: str, customer_id: int, user_id: int, now: datetime) -> int:
    """Ask the billing team about one of the customer's documents; returns the thread's id."""
    asked = questions.ask_about_document(
        text, document_number=document_number, customer_id=customer_id, user_id=user_id, now=now
    )
    return _told(asked)


@transaction.atomic
def ask_about_service(text: str, *, service_id: int, customer_id: int, user_id: int, now: datetime) -> int:
    """Ask the billing team about one of the customer's services; returns the thread's id."""
    asked = questions.ask_about_service(text, service_id=service_id, customer_id=customer_id, user_id=user_id, now=now)
    return _told(asked)


@transaction.atomic
def ask_about_balance(text: str, *, customer_id: int, user_id: int, now: datetime) -> int:
    """Ask the billing team about the customer's balance, such as to return it; returns the thread's id."""
    return _told(questions.ask_about_balance(text, customer_id=customer_id, user_id=user_id, now=now))


@transaction.atomic
def ask_in_general(text: str, *, customer_id: int, user_id: int, now: datetime) -> int:
    """Ask the billing team about anything else; returns the thread's id."""
    return _told(questions.ask_in_general(text, customer_id=customer_id, user_id=user_id, now=now))


@transaction.atomic
def write_back(question_id: int, *, text: str, customer_id: int, user_id: int, now: datetime) -> None:
    """Add the customer's message to a thread."""
    _told(questions.write_back(question_id, text=text, customer_id=customer_id, user_id=user_id, now=now))


@transaction.atomic
def answer(question_id: int, *, text: str, user_id: int, now: datetime) -> None:
    """Add the billing team's answer; the worker tells the person who asked."""
    written = questions.answer(question_id, text=text, user_id=user_id, now=now)
    if written.is_new:
        react(QuestionAnswered(message_id=written.message_id))


def _told(written: questions.Written) -> int:
    if written.is_new:
        react(QuestionAsked(message_id=written.message_id))
    return written.question_id
