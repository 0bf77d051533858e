"""Sign in: what we change in django-allauth: no sign-up, our words, mail by the worker, and where people land."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm, ResetPasswordKeyForm
from allauth.account.views import PasswordChangeView
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from perseat.capabilities.accounts.queries import NotStaff, get_staff
from perseat.capabilities.customers.queries import list_customers_of
from perseat.journeys import welcome


class SignInAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Allauth asks this object wherever an installation may differ."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The email or the password is not right. Check both, or choose a new password.",
        "too_many_login_attempts": "Too many attempts. Wait five minutes, or choose a new password.",
        "account_inactive": "This account is switched off. Write to us if that is wrong.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """People come by invitation only."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only addresses of the very host that was asked."""
        request = self.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        """Who is counted. What names fewer addresses than proxies are trusted did not come by all of them."""
        try:
            return str(super().get_client_ip(request))
        except ImproperlyConfigured:
            return str(request.META.get("REMOTE_ADDR", ""))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Members land in the Client Area, people of the staff in the back office."""
        user_id: Any = request.user.pk
        if list_customers_of(user_id):
            return "/"
        try:
            get_staff(user_id)
        except NotStaff:
            return "/"
        return "/backoffice/"

    def send_password_reset_mail(self, user: AbstractBaseUser, email: str, context: dict[str, Any]) -> None:  # noqa: ARG002
        """The worker sends it, so that the page answers as fast for an unknown address as for a known one."""
        welcome.ask_password_link(user.pk)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: every letter of ours is written by the worker."""

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: our pages say themselves what happened."""


class LogInForm(LoginForm):  # type: ignore[misc]  # allauth has no types
    """Email and Password, without words inside the fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs.pop("placeholder", None)
        self.fields["login"].widget.attrs.update({"autocomplete": "username", "autofocus": True})
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""


class AskPasswordLinkForm(ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """Email only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs.pop("placeholder", None)
        self.fields["email"].widget.attrs.update({"autocomplete": "username", "autofocus": True})


class ChoosePasswordForm(ResetPasswordKeyForm):  # type: ignore[misc]  # allauth has no types
    """The new password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = "New password"
        self.fields["password1"].help_text = "At least 10 characters; a few words together are good."
        self.fields["password2"].label = "New password again"
        for name in ("password1", "password2"):
            self.fields[name].widget.attrs.pop("placeholder", None)


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """The password that counts now, and the new one, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Password now"
        self.fields["oldpassword"].help_text = ""
        self.fields["password1"].label = "New password"
        self.fields["password1"].help_text = "At least 10 characters; a few words together are good."
        self.fields["password2"].label = "New password again"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class ChangePassword(PasswordChangeView):  # type: ignore[misc]  # allauth has no types
    """Changing one's own password; every other browser is logged out by it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Who has none yet is sent a link to choose one."""
        if request.user.is_authenticated and not request.user.has_usable_password():
            return redirect("account_reset_password")
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        messages.success(self.request, "Your password is changed. Other browsers are logged out.")
        return answer

    def get_default_success_url(self) -> str:
        """Where people land when they log in."""
        return SignInAdapter(self.request).get_login_redirect_url(self.request)
