"""The PaymentGateway port on the sandbox gateway."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import httpx
import structlog

from perseat.integrations.sandbox_gateway import payments
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered
from perseat.ports.payment_gateway import GatewayOutcome, PaymentNotice, PaymentPage

log = structlog.get_logger(__name__)


class SandboxGateway:
    """Answers the PaymentGateway port. `base_url` is where the payer's browser and we reach the gateway's pages."""

    def __init__(self, http: httpx.Client, *, base_url: str, secret: str) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._secret = secret

    def start_payment(
        self, payment_id: str, *, amount_minor: int, currency: str, description: str, return_address: str
    ) -> PaymentPage:
        """The page's address holds the whole payment, sealed: nothing is sent, and twice gives the same.

        :raises ValueError: an amount that is not above zero.
        """
        if amount_minor <= 0:
            raise ValueError("Only an amount above zero can be paid.")
        payment = payments.SandboxPayment(
            payment_id=payment_id,
            gateway_reference=payments.reference_of(payment_id),
            amount_minor=amount_minor,
            currency=currency,
            description=description,
            return_address=return_address,
        )
        token = payments.make_page_token(payment, secret=self._secret)
        return PaymentPage(
            address=f"{self._base_url}{payments.PAGE_PATH}{token}/", gateway_reference=payment.gateway_reference
        )

    def get_outcome(self, gateway_reference: str) -> GatewayOutcome:
        """A payment whose page nobody decided on is open; the gateway then knows nothing of it (404)."""
        address = f"{self._base_url}{payments.OUTCOME_PATH}{quote(gateway_reference, safe='')}/"
        bearer = payments.question_bearer(gateway_reference, secret=self._secret)
        try:
            answer = self._http.get(address, headers={"Authorization": bearer})
        except httpx.TransportError as error:
            raise Unanswered("The sandbox gateway did not answer.") from error
        log.info("sandbox gateway", reference=gateway_reference, status=answer.status_code)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return GatewayOutcome.OPEN
        if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise CredentialsRefused("The sandbox gateway refused us. Check PERSEAT_SANDBOX_GATEWAY_SECRET.")
        try:
            return GatewayOutcome(answer.raise_for_status().json()["outcome"])
        except (httpx.HTTPStatusError, ValueError, KeyError, TypeError) as error:
            raise Unanswered("The sandbox gateway's answer cannot be read.") from error

    def repay(self, repayment_id: str, *, gateway_reference: str, amount_minor: int, currency: str) -> None:
        """Refund a part of the payment; the id makes a repetition known."""
        wanted: dict[str, object] = {"amount_minor": amount_minor, "currency": currency}
        answer = self._refund("PUT", repayment_id, gateway_reference, body=wanted)
        if answer.status_code in {httpx.codes.CONFLICT, httpx.codes.NOT_FOUND}:
            raise Refused(
                code="refund_refused", sentence="The gateway holds no such payment, or not so much of it any more."
            )
        if not answer.is_success:
            raise Unanswered(f"The sandbox gateway answered with {answer.status_code}.")

    def is_repaid(self, repayment_id: str, *, gateway_reference: str) -> bool:
        """Whether the gateway knows the refund (404: it does not)."""
        answer = self._refund("GET", repayment_id, gateway_reference)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return False
        if not answer.is_success:
            raise Unanswered(f"The sandbox gateway answered with {answer.status_code}.")
        return True

    def _refund(
        self, method: str, repayment_id: str, gateway_reference: str, *, body: dict[str, object] | None = None
    ) -> httpx.Response:
        path = payments.REFUND_PATH.format(
            reference=quote(gateway_reference, safe=""), refund_id=quote(repayment_id, safe="")
        )
        bearer = payments.refund_bearer(gateway_reference, refund_id=repayment_id, secret=self._secret)
        try:
            answer = self._http.request(method, self._base_url + path, json=body, headers={"Authorization": bearer})
        except httpx.TransportError as error:
            raise Unanswered("The sandbox gateway did not answer.") from error
        log.info("sandbox gateway refund", reference=gateway_reference, status=answer.status_code)
        if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise CredentialsRefused("The sandbox gateway refused us. Check PERSEAT_SANDBOX_GATEWAY_SECRET.")
        return answer

    def read_notice(self, body: bytes, *, headers: Mapping[str, str], now_epoch_seconds: int) -> PaymentNotice:
        """Check the signature and read the notice."""
        return payments.read_notice(body, headers=headers, secret=self._secret, now_epoch_seconds=now_epoch_seconds)
