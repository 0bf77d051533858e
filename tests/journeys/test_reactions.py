"""What follows a fact is queued with the fact, or not at all."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from perseat.domain import events
from perseat.journeys.reactions import Job, defer, jobs_after, react

FACTS: tuple[events.Fact, ...] = (
    events.OrderPlaced(order_id=1),
    events.OrderStarted(order_id=1),
    events.DeliveryAdvanced(order_id=1),
    events.OrderReady(order_id=1),
    events.OrderNeedsAttention(order_id=1),
    events.DocumentIssued(document_number="INV-000001"),
    events.PaymentSucceeded(payment_id=1),
    events.RepaymentAsked(repayment_id=1),
    events.RepaymentEnded(repayment_id=1),
    events.LicenseChangeAsked(change_id=uuid4()),
    events.QuestionAsked(message_id=1),
    events.QuestionAnswered(message_id=1),
    events.MemberInvited(invitation_id=1),
    events.PasswordLinkAsked(user_id=1),
    events.TenantAsked(beginning_id=1),
    events.TenantLinked(tenant_row_id=1),
)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_every_job_that_follows_is_one_that_the_worker_knows(fact: events.Fact) -> None:
    app.perform_import_paths()

    assert {job.task for job in jobs_after(fact)} <= set(app.tasks)


@pytest.mark.django_db
def test_a_fact_that_is_rolled_back_leaves_no_job() -> None:
    with transaction.atomic():
        react(events.OrderStarted(order_id=7))
        assert ProcrastinateJob.objects.count() == 1
        transaction.set_rollback(True)

    assert not ProcrastinateJob.objects.exists()


@pytest.mark.django_db
def test_a_job_that_waits_already_is_enough_and_breaks_no_transaction() -> None:
    job = Job(task="deliver_order", arguments={"order_id": 7}, waits_once="deliver-7")

    with transaction.atomic():
        defer(job)
        defer(job)
        react(events.OrderReady(order_id=7))

    assert list(ProcrastinateJob.objects.order_by("pk").values_list("task_name", flat=True)) == [
        "deliver_order",
        "mail_order_ready",
    ]


@pytest.mark.django_db
def test_two_workers_never_deliver_one_order_at_once() -> None:
    react(events.OrderStarted(order_id=7))
    react(events.DeliveryAdvanced(order_id=7))

    assert set(ProcrastinateJob.objects.values_list("lock", flat=True)) == {"order-7"}
