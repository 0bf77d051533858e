"""Addresses: who may log in for a customer, what its documents say, and its questions to the billing team."""

from __future__ import annotations

from django.urls import URLPattern, path

from perseat.entrypoints.portal import (
    api_tokens,
    ask,
    billing_details,
    invitation,
    question,
    questions,
    switch_customer,
    team,
)

urlpatterns: list[URLPattern] = [
    path("switch-customer/", switch_customer.switch_customer, name="switch-customer"),
    path("team/", team.team, name="team"),
    path("team/invite/", team.invite, name="team-invite"),
    path("team/<int:membership_id>/role/", team.change_role, name="team-role"),
    path("team/<int:membership_id>/remove/", team.remove, name="team-remove"),
    path("team/invitations/<int:invitation_id>/withdraw/", team.withdraw, name="team-withdraw"),
    path("invitations/<str:token>/", invitation.invitation, name="invitation"),
    path("api-tokens/", api_tokens.api_tokens, name="api-tokens"),
    path("api-tokens/<int:token_id>/withdraw/", api_tokens.withdraw, name="api-token-withdraw"),
    path("billing-details/", billing_details.billing_details, name="billing-details"),
    path("questions/", questions.questions, name="questions"),
    path("questions/ask/", ask.ask_in_general, name="ask"),
    path("questions/<int:question_id>/", question.question, name="question"),
    path("balance/ask/", ask.ask_about_balance, name="ask-about-balance"),
    path("invoices/<str:number>/ask/", ask.ask_about_document, name="ask-about-document"),
    path("services/<int:service_id>/ask/", ask.ask_about_service, name="ask-about-service"),
]
