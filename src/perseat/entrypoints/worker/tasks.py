"""Tasks by the names that journeys/reactions.py defers, and the schedule. Every task may run twice.

A failure outside is waited for: five tries of an e-mail over about half an hour, then the job is kept as failed.
Deliveries keep their own time (`next_attempt_at`), so their task simply ends when nothing can be done now.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from perseat.journeys import (
    assignment,
    deadlines,
    delivery,
    drift,
    drift_undo,
    paying,
    repaying,
    seat_counts,
    suspension,
    telling,
    welcome,
)
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered, WritesAreOff
from perseat.wiring import get_outside

log = structlog.get_logger(__name__)

_MAIL = RetryStrategy(max_attempts=6, exponential_wait=4)
_PEOPLE = RetryStrategy(max_attempts=8, exponential_wait=3)
_GATEWAY = RetryStrategy(max_attempts=6, exponential_wait=3)
_CRASHED = RetryStrategy(max_attempts=5, exponential_wait=3)
_SILENT = RetryStrategy(max_attempts=5, exponential_wait=5)


_ASK_THE_GATEWAY_AFTER = timedelta(minutes=3)


class StillWaiting(Exception):
    """Somebody of a license change got no answer yet; the job comes again."""


@app.task(name="deliver_order", retry=_CRASHED)
def deliver_order(order_id: int) -> None:
    """Drive an order's deliveries as far as they go now."""
    delivery.deliver_order(get_outside(), order_id)


@app.task(name="deliver_undo", retry=_CRASHED)
def deliver_undo(delivery_id: int) -> None:
    """Drive the supplier back to what was promised, as far as it goes now."""
    drift_undo.deliver_undo(get_outside(), delivery_id)


@app.task(name="look_at_tenant", retry=_SILENT)
def look_at_tenant(tenant_id: str) -> None:
    """Compare a tenant's seats at the supplier with what was promised."""
    drift.look_at_tenant(get_outside(), tenant_id)


@app.task(name="carry_out_suspension", retry=_CRASHED)
def carry_out_suspension(suspension_id: int) -> None:
    """Block a service's seats at the supplier, or open them again."""
    suspension.carry_out_suspension(get_outside(), suspension_id)


@app.task(name="carry_out_license_change", retry=_PEOPLE)
def carry_out_license_change(change_id: str) -> None:
    """Change the licenses of everybody who still waits."""
    if not assignment.carry_out_change(get_outside(), UUID(change_id)):
        raise StillWaiting(change_id)


@app.task(name="mail_order_ready", retry=_MAIL)
def mail_order_ready(order_id: int) -> None:
    """Tell who ordered that the seats can be assigned."""
    telling.tell_order_ready(get_outside(), order_id=order_id)


@app.task(name="mail_order_needs_attention", retry=_MAIL)
def mail_order_needs_attention(order_id: int) -> None:
    """Tell who ordered that something stands in the way."""
    telling.tell_order_needs_attention(get_outside(), order_id=order_id)


@app.task(name="mail_document_issued", retry=_MAIL)
def mail_document_issued(document_number: str) -> None:
    """Send word of an invoice or a credit note."""
    telling.tell_document_issued(get_outside(), document_number=document_number)


@app.task(name="send_repayment", retry=_GATEWAY)
def send_repayment(repayment_id: int) -> None:
    """Ask the gateway to send money back."""
    repaying.send_repayment(get_outside(), repayment_id, now=datetime.now(UTC))


@app.task(name="mail_repayment_ended", retry=_MAIL)
def mail_repayment_ended(repayment_id: int) -> None:
    """Tell the customer that money comes back, or the billing team that it does not."""
    telling.tell_repayment_ended(get_outside(), repayment_id=repayment_id)


@app.task(name="mail_question_asked", retry=_MAIL)
def mail_question_asked(message_id: int) -> None:
    """Tell the billing team of a question."""
    telling.tell_question_asked(get_outside(), message_id=message_id)


@app.task(name="mail_question_answered", retry=_MAIL)
def mail_question_answered(message_id: int) -> None:
    """Tell who asked of an answer."""
    telling.tell_question_answered(get_outside(), message_id=message_id)


@app.task(name="mail_member_invited", retry=_MAIL)
def mail_member_invited(invitation_id: int) -> None:
    """Send an invitation's link."""
    welcome.send_invitation(get_outside(), invitation_id=invitation_id, now=datetime.now(UTC))


@app.task(name="mail_password_link", retry=_MAIL, pass_context=True)
def mail_password_link(context: JobContext, user_id: int) -> None:
    """Send a link to choose a password; the job's own number tells one wish from the next."""
    welcome.send_password_link(get_outside(), user_id=user_id, request_id=str(context.job.id))


# --- the schedule


@app.periodic(cron="* * * * *", periodic_id="deliver_due_orders")
@app.task(name="deliver_due_orders", queueing_lock="deliver_due_orders")
def deliver_due_orders(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Queue every order whose delivery is due: the net under the jobs that were deferred for it."""
    delivery.deliver_due_orders(datetime.now(UTC))
    drift_undo.deliver_due_undos(datetime.now(UTC))


@app.periodic(cron="*/10 * * * *", periodic_id="look_at_due_tenants")
@app.task(name="look_at_due_tenants", queueing_lock="look_at_due_tenants")
def look_at_due_tenants(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Look at tenants that nobody has looked at for some hours: the net under the supplier's notices."""
    drift.look_at_due_tenants(get_outside(), now=datetime.now(UTC))


@app.periodic(cron="*/5 * * * *", periodic_id="read_seat_counts")
@app.task(name="read_seat_counts", queueing_lock="read_seat_counts")
def read_seat_counts(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Ask every tenant's directory for its seat counts."""
    outside = get_outside()
    for tenant_row_id, tenant_id in seat_counts.list_tenants_to_read():
        try:
            seat_counts.read_seat_counts(outside, tenant_row_id=tenant_row_id)
        except (Unanswered, Refused, CredentialsRefused, WritesAreOff) as silence:
            log.info("a directory did not answer", tenant=str(tenant_id), reason=str(silence))


@app.periodic(cron="*/5 * * * *", periodic_id="read_deadlines")
@app.task(name="read_deadlines", queueing_lock="read_deadlines")
def read_deadlines(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Ask the supplier until when seats can be given back, where it has not said so yet, or has renewed since."""
    deadlines.read_due_deadlines(get_outside(), now=datetime.now(UTC))


@app.periodic(cron="*/5 * * * *", periodic_id="carry_out_due_suspensions")
@app.task(name="carry_out_due_suspensions", queueing_lock="carry_out_due_suspensions")
def carry_out_due_suspensions(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Go on with suspensions whose own job gave up waiting for an answer."""
    suspension.carry_out_due_suspensions(get_outside(), now=datetime.now(UTC))


@app.periodic(cron="*/10 * * * *", periodic_id="resume_license_changes")
@app.task(name="resume_license_changes", queueing_lock="resume_license_changes")
def resume_license_changes(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Go on with license changes whose own job gave up waiting for an answer."""
    assignment.carry_out_unfinished(get_outside(), now=datetime.now(UTC))


@app.periodic(cron="* * * * *", periodic_id="check_open_payments")
@app.task(name="check_open_payments", queueing_lock="check_open_payments")
def check_open_payments(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Ask the gateways what became of payments of which no notice came."""
    outside, now = get_outside(), datetime.now(UTC)
    for payment_id in paying.list_payments_to_check(started_before=now - _ASK_THE_GATEWAY_AFTER):
        try:
            paying.check_payment(outside, payment_id, now=now)
        except (Unanswered, Refused, CredentialsRefused, paying.GatewayUnknown) as silence:
            log.info("a gateway did not answer", payment=payment_id, reason=str(silence))


@app.periodic(cron="*/5 * * * *", periodic_id="send_waiting_repayments")
@app.task(name="send_waiting_repayments", queueing_lock="send_waiting_repayments")
def send_waiting_repayments(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Ask the gateways about money that goes back and of which nothing was heard."""
    repaying.send_waiting_repayments(get_outside(), now=datetime.now(UTC))
