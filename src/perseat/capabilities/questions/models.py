"""Questions: threads between a customer and the billing team, about a document or a service."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.guards import append_only, choices_of, known_states
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.subscriptions.models import Service
from perseat.domain.parties import QuestionState


class Question(models.Model):
    """A thread. It is about a document, a service, or neither: the balance. `subject` says it in words."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="questions")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="questions", null=True, blank=True)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="questions", null=True, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="questions")
    subject = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=choices_of(QuestionState), default=QuestionState.OPEN)
    asked_at = models.DateTimeField()

    class Meta:
        db_table = "question"
        constraints = [known_states("question", field="state", states=QuestionState)]

    def __str__(self) -> str:
        return self.subject


class Message(models.Model):
    """One message of a thread; never changed."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="question_messages")
    is_from_staff = models.BooleanField()
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        db_table = "question_message"
        triggers = append_only("question_message")

    def __str__(self) -> str:
        return f"{self.question_id} {self.written_at}"
