"""Whose token this is."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from ninja import Router

from perseat.domain.rights import MemberRole
from perseat.entrypoints.api.answers import answers
from perseat.entrypoints.api.gate import ApiRequest
from perseat.entrypoints.api.shapes import Shape, reply

router = Router(tags=["Me"])


class Me(Shape):
    """The member who made the token, and for which customer it acts."""

    email: str
    full_name: str
    role: MemberRole
    customer_number: str
    customer_name: str
    currency: str
    time_zone: str
    token_name: str
    token_expires_at: datetime


@router.get("/me", response=answers(Me), operation_id="get_me")
def get_me(request: ApiRequest) -> HttpResponse:
    """Who acts, in which role, for which customer."""
    member = request.auth.member
    return reply(
        Me(
            email=member.email,
            full_name=member.full_name,
            role=member.role,
            customer_number=member.customer_number,
            customer_name=member.customer_name,
            currency=member.currency,
            time_zone=member.time_zone,
            token_name=request.auth.token_name,
            token_expires_at=request.auth.expires_at,
        )
    )
