"""Reactions: the one table of what follows what.

Call `react` inside the transaction that records the fact. PostgreSQL is the outbox: the jobs exist if, and only if,
the fact does. Tasks are named, not imported: the worker's door registers them under these names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from django.db import transaction
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from perseat.domain import events


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A task by name. `lock`: jobs with one lock run one after another. `waits_once`: not queued twice."""

    task: str
    arguments: dict[str, Any]
    lock: str | None = None
    waits_once: str | None = None
    at: datetime | None = None


def react(fact: events.Fact) -> None:
    """Defer what follows a fact, in the caller's transaction."""
    for job in jobs_after(fact):
        defer(job)


def jobs_after(fact: events.Fact) -> tuple[Job, ...]:  # noqa: C901, PLR0911, PLR0912 - a table
    """What follows a fact."""
    match fact:
        case events.OrderStarted() | events.DeliveryAdvanced():
            return (deliver(fact.order_id),)
        case events.DeliveryPostponed():
            return (deliver(fact.order_id, at=fact.at),)
        case events.SeatsMayDiffer():
            return (look_at(fact.tenant_id),)
        case events.UndoingDecided():
            arguments = {"delivery_id": fact.delivery_id}
            return (Job(task="deliver_undo", arguments=arguments, lock=f"undo-{fact.delivery_id}", at=fact.at),)
        case events.SuspensionAsked():
            arguments = {"suspension_id": fact.suspension_id}
            return (Job(task="carry_out_suspension", arguments=arguments, lock="suspensions", at=fact.at),)
        case events.OrderReady():
            return (mail("order_ready", order_id=fact.order_id),)
        case events.OrderNeedsAttention():
            return (mail("order_needs_attention", order_id=fact.order_id),)
        case events.DocumentIssued():
            return (mail("document_issued", document_number=fact.document_number),)
        case events.RepaymentAsked():
            return (Job(task="send_repayment", arguments={"repayment_id": fact.repayment_id}),)
        case events.RepaymentEnded():
            return (mail("repayment_ended", repayment_id=fact.repayment_id),)
        case events.LicenseChangeAsked():
            return (Job(task="carry_out_license_change", arguments={"change_id": str(fact.change_id)}),)
        case events.QuestionAsked():
            return (mail("question_asked", message_id=fact.message_id),)
        case events.QuestionAnswered():
            return (mail("question_answered", message_id=fact.message_id),)
        case events.MemberInvited():
            return (mail("member_invited", invitation_id=fact.invitation_id),)
        case events.PasswordLinkAsked():
            return (mail("password_link", user_id=fact.user_id),)
        case events.TenantAsked():
            return (
                Job(
                    task="look_for_tenant",
                    arguments={"beginning_id": fact.beginning_id},
                    lock=f"beginning-{fact.beginning_id}",
                ),
            )
        case events.TenantLinked():
            return (
                Job(
                    task="read_tenant",
                    arguments={"tenant_row_id": fact.tenant_row_id},
                    lock=f"tenant-{fact.tenant_row_id}",
                    waits_once=f"tenant-{fact.tenant_row_id}",
                ),
            )
        case events.OrderPlaced() | events.PaymentSucceeded():
            return ()  # the invoice's own e-mail says what to pay; the order's pages say that it is paid
        case _:
            assert_never(fact)


def deliver(order_id: int, *, at: datetime | None = None) -> Job:
    """Drive an order's deliveries one step further; never two workers at one order."""
    return Job(task="deliver_order", arguments={"order_id": order_id}, lock=f"order-{order_id}", at=at)


def look_at(tenant_id: str) -> Job:
    """Compare a tenant's seats with what was promised; however many notices come, one look waits."""
    name = f"look-{tenant_id}"
    return Job(task="look_at_tenant", arguments={"tenant_id": tenant_id}, lock=name, waits_once=name)


def mail(kind: str, **facts: Any) -> Job:
    """Send an e-mail of this kind once."""
    return Job(task=f"mail_{kind}", arguments=facts)


def defer(job: Job) -> None:
    """Queue a job in the current transaction; one that already waits is enough.

    The worker's own app has another connection than Django's transaction, and would queue jobs of facts that are
    rolled back; so jobs are queued through Django's connection, whoever asks.
    """
    deferrer = configure_task(
        name=job.task,
        job_manager=JobManager(DjangoConnector()),
        lock=job.lock,
        queueing_lock=job.waits_once,
        schedule_at=job.at,
    )
    if job.waits_once is None:
        deferrer.defer(**job.arguments)
        return
    try:
        with transaction.atomic():  # a taken queueing lock breaks the transaction it happens in
            deferrer.defer(**job.arguments)
    except AlreadyEnqueued:
        return
