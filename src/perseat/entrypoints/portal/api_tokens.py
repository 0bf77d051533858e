"""API tokens: what a member's own programs log in with; made here, shown once, withdrawn here."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from perseat.capabilities.customers.api_tokens import (
    LONGEST_NAME,
    VALID_FOR_DAYS,
    NewToken,
    TokenNameNotUsable,
    TooManyTokens,
    list_tokens,
    make_token,
    withdraw_token,
)
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import present_moment
from perseat.entrypoints.portal.team import ROLE_LABELS

_LENGTHS = {30: "30 days", 90: "90 days", 365: "a year"}


class TokenForm(forms.Form):
    """What the token is for, and how long it works."""

    name = forms.CharField(
        label="Name",
        max_length=LONGEST_NAME,
        help_text="Which program uses it.",
        error_messages={"required": "Give the token a name, so that you know it again."},
    )
    valid_for_days = forms.TypedChoiceField(
        label="Works for", coerce=int, choices=[(days, _LENGTHS[days]) for days in VALID_FOR_DAYS], initial=90
    )


@never_cache
@member_page
def api_tokens(request: MemberRequest) -> HttpResponse:
    """List the member's own tokens; when the form was sent, make one and show it this one time."""
    if request.method != "POST":
        return _page(request, form=TokenForm())
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    try:
        made = make_token(
            form.cleaned_data["name"],
            valid_for_days=form.cleaned_data["valid_for_days"],
            customer_id=request.member.customer_id,
            user_id=request.member.user_id,
            now=present_moment(),
        )
    except TokenNameNotUsable as refusal:
        form.add_error("name", str(refusal))
    except TooManyTokens as refusal:
        form.add_error(None, str(refusal))
    else:
        return _page(request, form=TokenForm(), made=made)
    return _page(request, form=form, status=422)


@require_POST
@member_page
def withdraw(request: MemberRequest, token_id: int) -> HttpResponse:
    """End a token at once."""
    name = withdraw_token(
        token_id, customer_id=request.member.customer_id, user_id=request.member.user_id, now=present_moment()
    )
    messages.success(request, f"The token {name} is withdrawn; nothing can log in with it any more.")
    return redirect("portal:api-tokens")


def _page(request: MemberRequest, *, form: TokenForm, made: NewToken | None = None, status: int = 200) -> HttpResponse:
    member = request.member
    context = {
        "form": form,
        "made": made,
        "tokens": list_tokens(customer_id=member.customer_id, user_id=member.user_id, now=present_moment()),
        "role_label": ROLE_LABELS[member.role],
        "api_address": f"{settings.PERSEAT.base_url}/api/v1/",
    }
    return render(request, "api_tokens.html", context, status=status)
