"""Invitation: the page behind the link of an invitation; joins the customer, with a new account or the own one."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model, login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from perseat.capabilities.accounts.actions import AlreadyHasAccount, PasswordTooWeak
from perseat.capabilities.customers.invitations import (
    InvitationOffer,
    InvitationUnusable,
    InvitedIsSomebodyElse,
    WhyUnusable,
    accept_invitation,
    accept_with_new_account,
    get_offer,
)
from perseat.capabilities.customers.queries import Member
from perseat.entrypoints.portal.access import CHOSEN_CUSTOMER
from perseat.entrypoints.portal.clock import present_moment
from perseat.journeys.welcome import ROLE_WORDS

_SENTENCES = {
    WhyUnusable.UNKNOWN: "This link is not one of ours, or it was copied only in part. Open it from the e-mail again.",
    WhyUnusable.EXPIRED: "The invitation was open for 14 days and is over. Ask for a new one.",
    WhyUnusable.USED: "The invitation has been accepted already. Log in with your e-mail and password.",
    WhyUnusable.WITHDRAWN: "The invitation was withdrawn. Ask whoever invited you.",
}


class NewAccountForm(forms.Form):
    """What a person without an account types."""

    full_name = forms.CharField(label="Your name", max_length=150)
    password = forms.CharField(
        label="Choose a password",
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters; a few words together are good.",
    )


@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show who invites, and accept."""
    now = present_moment()
    try:
        offer = get_offer(token, now=now)
        if request.method == "POST":
            return _accept(request, token=token, offer=offer, now=now)
    except InvitationUnusable as problem:
        status = 404 if problem.why is WhyUnusable.UNKNOWN else 410
        context = {"sentence": _SENTENCES[problem.why]}
        return _private(render(request, "invitation_unusable.html", context, status=status))
    return _page(request, offer=offer, form=NewAccountForm())


def _accept(request: HttpRequest, *, token: str, offer: InvitationOffer, now: datetime) -> HttpResponse:
    if request.user.is_authenticated:
        try:
            member = accept_invitation(token, user_id=request.user.pk, now=now)
        except InvitedIsSomebodyElse:
            return _page(request, offer=offer, form=NewAccountForm(), status=403)
        return _welcome(request, member)
    form = NewAccountForm(request.POST)
    if offer.has_account or not form.is_valid():
        return _page(request, offer=offer, form=form, status=422)
    try:
        member = accept_with_new_account(
            token, full_name=form.cleaned_data["full_name"], password=form.cleaned_data["password"], now=now
        )
    except PasswordTooWeak as problem:
        form.add_error("password", problem.sentences)
        return _page(request, offer=offer, form=form, status=422)
    except AlreadyHasAccount:
        return _page(request, offer=offer, form=form, status=422)
    user = get_user_model()._default_manager.get(pk=member.user_id)  # noqa: SLF001 - Django's own word for it
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return _welcome(request, member)


def _welcome(request: HttpRequest, member: Member) -> HttpResponse:
    request.session[CHOSEN_CUSTOMER] = member.customer_id
    messages.success(request, f"Welcome. You act for {member.customer_name} as {ROLE_WORDS[member.role]}.")
    return redirect("/")


def _page(request: HttpRequest, *, offer: InvitationOffer, form: NewAccountForm, status: int = 200) -> HttpResponse:
    own_email = request.user.email if request.user.is_authenticated else ""
    context = {
        "offer": offer,
        "role": ROLE_WORDS[offer.role],
        "form": form,
        "is_invited": own_email == offer.email,
        "is_somebody_else": bool(own_email) and own_email != offer.email,
    }
    return _private(render(request, "invitation.html", context, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """Keep the token, which is part of the address, from any other site and from search engines."""
    # Not "no-referrer": with it browsers say "Origin: null" when the form is sent, and the form would be refused.
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
