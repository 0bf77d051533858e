"""Needs a person: everything that waits for somebody of the staff, with its sentence."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from perseat.capabilities.connections.queries import list_consents
from perseat.capabilities.customers.tenant_queries import list_ending_accesses
from perseat.capabilities.ledger.cases import list_open_cases
from perseat.capabilities.payments.queries import list_unmatched_notices
from perseat.capabilities.provisioning.drifts import count_undecided, list_undecided_drifts
from perseat.capabilities.provisioning.queries import count_parked, list_deliveries_for_staff, list_kept_seats
from perseat.capabilities.provisioning.returns import list_kept_returns
from perseat.capabilities.questions.queries import list_questions_for_staff
from perseat.domain.fulfillment import DeliveryState, OrderState
from perseat.domain.parties import QuestionState
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.entrypoints.backoffice.labels import DELIVERY_ACTS
from perseat.journeys.back_office import count_waiting
from perseat.journeys.order_progress import list_orders_for_staff

_SHOWN = 10


@staff_page
def home(request: StaffRequest) -> HttpResponse:
    """Show the newest ten of each kind, and how many there are."""
    waiting = count_waiting()
    notices = list_unmatched_notices()
    parked = list_deliveries_for_staff(states=(DeliveryState.PARKED,))[:_SHOWN]
    cases = list_open_cases()
    kept = list_kept_seats()
    kept_returns = list_kept_returns()
    context = {
        "cases": cases[:_SHOWN],
        "case_count": len(cases),
        "parked": [(each, DELIVERY_ACTS[each.act]) for each in parked],
        "parked_count": count_parked(),
        "notices": notices[:_SHOWN],
        "notice_count": len(notices),
        "orders": list_orders_for_staff(state=OrderState.NEEDS_ATTENTION)[:_SHOWN],
        "order_count": waiting.orders,
        "questions": list_questions_for_staff(state=QuestionState.OPEN, page_size=_SHOWN),
        "question_count": waiting.questions,
        "drifts": list_undecided_drifts(limit=_SHOWN),
        "drift_count": count_undecided(),
        "kept": kept[:_SHOWN],
        "kept_count": len(kept),
        "kept_returns": kept_returns[:_SHOWN],
        "kept_return_count": len(kept_returns),
        "ending_accesses": list_ending_accesses(now=present_moment())[:_SHOWN],
        "consents": [each for each in list_consents(present_moment()) if each.needs_a_person],
    }
    return render(request, "office/home.html", context)
