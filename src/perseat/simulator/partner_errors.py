"""The error codes Partner Center answers with here: status and wording by code, and what raises them."""

from __future__ import annotations

from collections.abc import Mapping

from perseat.simulator.messages import Answer, JsonObject

# code: (status, description). The wording follows Microsoft's list of error codes; {} takes the facts.
PARTNER_ERRORS: Mapping[int, tuple[int, str]] = {
    400: (401, "Access denied"),
    1000: (404, "Not found"),
    2001: (400, "Subscription quantity can't be increased or decreased while subscription is being suspended"),
    2002: (400, "Subscription quantity isn't within minimum and maximum allowed quantity"),
    2011: (400, "Subscription with ID {} and deleted status can't be updated."),
    2054: (400, "The billing cycle for an existing subscription can't be updated using update-subscription operation."),
    2055: (400, "Etag is no longer valid"),
    3000: (400, "Invalid property: {}"),
    13605: (
        403,
        (
            "Either a partner confirmation of the customer acceptance of the Microsoft Customer Agreement must be "
            "provided or the customer must accept it directly."
        ),
    ),
    20000: (404, "Order ID not found"),
    20002: (403, "The partner ID {} has no commerce relationship with the customer ID {}."),
    20003: (404, "Subscription with ID {} not found."),
    400013: (404, "Product wasn't found"),
    400018: (404, "SKU wasn't found"),
    400019: (404, "Availability not found."),
    600061: (400, "The agreement was already confirmed with the same details."),
    800001: (401, "Partner Token missing in request context"),
    800002: (400, "Invalid request input"),
    800008: (404, "Unable to retrieve cart ID"),
    800009: (400, "Error in Cart item(s)"),
    800012: (400, "This subscription isn't an active subscription"),
    800020: (403, "The catalog item isn't eligible for purchase."),
    800040: (400, "Asset status can't be changed to {} from {}"),
    800060: (409, "Your order is in progress. Check your order history for recent orders in few minutes"),
    800064: (409, "Cart {} is being processed by another request"),
    800065: (400, "can't check out an already submitted cart {}."),
    800070: (400, "Offer isn't available in the specified country/region"),
    800073: (403, "Your customer account is currently under review."),
    800075: (403, "Your Customer account wasn't approved. Transactions for this customer aren't allowed."),
    800082: (409, "Subscription is not ready to be updated. Try again after sometime"),
    800088: (
        403,
        (
            "The requested number of {} seat/s exceeded the remaining limit of {} seats allowed per subscription for "
            "the customer."
        ),
    ),
    800090: (400, "Subscription quantity cannot be decreased."),
    800091: (400, "Can't update a subscription with suspended status"),
    800121: (400, "The term duration provided is invalid."),
    900117: (400, "You have passed your {}-day cancellation window. We are unable to cancel your purchase"),
    900236: (
        400,
        (
            "The target transition ToSubscriptionId field is invalid. Target subscription CommitmentEndDate must be "
            "later than or equal to that of the source."
        ),
    ),
    900258: (400, "The target transition ToSubscriptionId field is invalid. Target subscription must be active."),
    900259: (
        400,
        (
            "The target transition ToSubscriptionId field is invalid. Target subscription id can't be the same as the "
            "source subscription id."
        ),
    ),
    900260: (
        400,
        (
            "The target transition ToSubscriptionId field is invalid. "
            "Target subscription must have the same CatalogItemId."
        ),
    ),
    900261: (
        400,
        "The target transition ToSubscriptionId field is invalid. The target subscription is not ready to be upgraded.",
    ),
    900267: (400, "Target transition can't have a term duration shorter than that of the source subscription."),
    900268: (400, "The term duration on the target transition is invalid."),
    900269: (400, "The billing cycle is invalid."),
    900270: (400, "The billing cycle cannot be longer than the term."),
    900245: (
        400,
        (
            "The custom term end date specified on the scheduled next term instructions must be within the first term "
            "duration."
        ),
    ),
    900275: (400, "The requested quantity for line item {} is not within the allowed quantity for this offer."),
    900278: (409, "There is a pending operation on this subscription. Please try again after 24 hours."),
    900279: (400, "Update operations are no longer allowed for this subscription."),
    900329: (403, "This resource does not support application-only authentication."),
    900420: (
        401,
        "The audience in the token is invalid and is no longer supported in Partner Center API (graph.windows.net).",
    ),
}


class PartnerRefusal(Exception):
    """Partner Center refuses a call; `code` is one of PARTNER_ERRORS."""

    def __init__(self, code: int, *facts: object) -> None:
        status, description = PARTNER_ERRORS[code]
        super().__init__(description.format(*facts))
        self.code = code
        self.status = status


def refusal_answer(refusal: PartnerRefusal) -> Answer:
    """The answer to a refused call."""
    return Answer(status=refusal.status, body=error_body(refusal.code, str(refusal)))


def error_body(code: int, description: str) -> JsonObject:
    """The body of an error."""
    return {"code": code, "description": description, "data": [], "source": "PartnerFD"}


def throttled_answer(retry_after: int) -> Answer:
    """The answer when the rate limit is exceeded, which has a shape of its own."""
    body = {"statusCode": 429, "message": f"Rate limit is exceeded. Try again in {retry_after} seconds."}
    return Answer(status=429, body=body, headers={"Retry-After": str(retry_after)})
