"""Partner Center's error codes that a customer or a member of staff can cause, each with what to do about it.

Codes that are not listed are shown as Microsoft wrote them.
"""

from __future__ import annotations

from collections.abc import Mapping

_PASSED_REDUCTION = (
    "Microsoft takes these seats back only within seven days of buying them. Plan the lower number for the renewal."
)
_PASSED_CANCELLATION = (
    "Microsoft cancels this subscription only within seven days of its start or renewal. "
    "Plan its end for the renewal instead."
)
_TOO_MANY_SEATS = (
    "Microsoft allows no more seats of this edition in one tenant, counting all sellers. Choose a lower number."
)
_UNDER_REVIEW = "Microsoft is still reviewing this customer. Try again in a few days."
_NOT_ON_SALE = "Microsoft does not sell this edition in this form at present. Choose another term or edition."
_SUSPENDED = "The subscription is suspended. Reactivate it first, then change its seats."
_CREDIT_LINE = "Our credit line at Microsoft is used up. The provider's team has to raise it or pay an invoice."

SENTENCES: Mapping[str, str] = {
    # Seats
    "800090": _PASSED_REDUCTION,
    "900214": _PASSED_REDUCTION,
    "900257": _PASSED_REDUCTION,
    "2002": "The number of seats is below Microsoft's minimum or above its maximum for this edition.",
    "900275": "The number of seats is below Microsoft's minimum or above its maximum for this edition.",
    "800067": _TOO_MANY_SEATS,
    "800088": _TOO_MANY_SEATS,
    "10015": _TOO_MANY_SEATS,
    "800017": "Microsoft does not have that many seats of this edition. Choose a lower number.",
    "10018": "An add-on cannot have more seats than the subscription it belongs to. Add seats there first.",
    "10019": "Microsoft asks for more seats of this add-on. Choose a higher number.",
    "800027": "Microsoft does not let the seats of this subscription be changed.",
    "900311": "Microsoft has counted too many changes of this subscription and takes no more. Ask Microsoft's support.",
    # Ending
    "900117": _PASSED_CANCELLATION,
    "900213": _PASSED_CANCELLATION,
    # State of the subscription
    "2001": _SUSPENDED,
    "800091": _SUSPENDED,
    "2011": "The subscription has ended. Buy a new one instead.",
    "20003": "Microsoft does not know this subscription, or does not show it yet.",
    "900277": "The subscription is just coming to its end. Wait until it has ended, then buy a new one.",
    "900279": "Microsoft takes no more changes of this subscription.",
    "900280": "Microsoft takes no changes of this subscription at present. Try again later.",
    "800081": "The subscription must be activated first.",
    # The customer
    "13605": "Nobody has accepted the Microsoft Customer Agreement for this customer. Accept it, then try again.",
    "20002": "This tenant has no reseller relationship with us. Its administrator must accept our invitation first.",
    "60003": "Microsoft does not know this tenant.",
    "800073": _UNDER_REVIEW,
    "800074": _UNDER_REVIEW,
    "800075": "Microsoft has not approved this customer. Check its company data, then ask Microsoft's support.",
    "900416": "Microsoft has locked this customer for purchases. Ask Microsoft's support.",
    "900419": "Microsoft allows no more subscriptions in this tenant. End one that is not needed.",
    "800066": "Microsoft allows no more subscriptions of this edition for this customer. Add seats to one it has.",
    "800069": "Microsoft refused this order after a risk check. Ask Microsoft's support.",
    "800086": "This tenant does not qualify for this edition.",
    # The catalog
    "400013": _NOT_ON_SALE,
    "400018": _NOT_ON_SALE,
    "400019": "Microsoft has just renewed its catalog. Start the order again.",
    "400072": _NOT_ON_SALE,
    "2085": _NOT_ON_SALE,
    "2091": _NOT_ON_SALE,
    "800010": _NOT_ON_SALE,
    "800020": _NOT_ON_SALE,
    "800028": _NOT_ON_SALE,
    "10001": _NOT_ON_SALE,
    "10003": _NOT_ON_SALE,
    "800070": "Microsoft does not sell this edition in the customer's country.",
    "400041": "This is an add-on: the tenant needs a matching base subscription first.",
    "800122": "The new term cannot be shorter than the present one.",
    "900267": "The new term cannot be shorter than the present one.",
    "900269": "Microsoft does not offer this way of charging for the edition.",
    "900270": "The charge cycle cannot be longer than the term.",
    "10013": "Microsoft does not offer this way of charging for the edition.",
    "10012": "Microsoft asks for a written statement before this edition can be sold. Buy it in Partner Center.",
    "900203": "Microsoft asks for a written statement before this edition can be sold. Buy it in Partner Center.",
    "10002": "Microsoft's quota for this edition is used up.",
    "10009": "The limit of Microsoft's sandbox is reached: 25 seats, five subscriptions a customer.",
    "800018": "The limit of Microsoft's sandbox is reached: 25 seats, five subscriptions a customer.",
    # The basket
    "800008": "The prepared order is gone (Microsoft keeps it for seven days). Start the order again.",
    "20000": "Microsoft does not show this order yet.",
    # The provider
    "800023": _CREDIT_LINE,
    "800025": _CREDIT_LINE,
    "800039": "Our reseller agreement with Microsoft is not active.",
    "2030": "We are not set up to sell in this country.",
    "600061": "The Microsoft Customer Agreement was accepted before with the same details.",
}

# Seats, or a whole subscription, that Microsoft would have taken back earlier.
DEADLINE_PASSED = frozenset({"800090", "900214", "900257", "900117", "900213"})

# What only the provider's own set-up can mend. It must never end an order that a customer has paid.
OURS_TO_MEND: Mapping[str, str] = {
    "2032": "Partner Center denied us access. Check the application's permissions and the account's roles.",
    "800001": "Partner Center missed the partner's token. Give the consent again and set PERSEAT_REFRESH_TOKEN.",
    "900150": "The integration account lacks a role in Partner Center. Make it a member of Admin agents.",
    "900308": "The integration account lacks a role in Partner Center. Make it a member of Admin agents.",
    "900309": "A Conditional Access policy blocks our access. Exempt the application or the account from it.",
    "900316": "Partner Center wants a partner user's consent for this. Set PERSEAT_REFRESH_TOKEN.",
    "900329": "Partner Center does this only with a partner user's consent. Set PERSEAT_REFRESH_TOKEN.",
    "900420": "Our token was made for an address that Microsoft has retired. Check PERSEAT_LOGIN_BASE_URL.",
}

# Passing states: the same call may be repeated later, with the wait that Microsoft advises, in seconds.
PASSING: Mapping[str, float | None] = {
    "800003": None,
    "800005": None,
    "800014": 120.0,
    "800060": 60.0,
    "800064": 60.0,
    "800065": 60.0,
    "800082": 120.0,
    "900192": 60.0,
    "900278": 120.0,
}


def sentence_for(code: str, *, description: str) -> str:
    """Plain words for a code; for an unknown one what Microsoft wrote, marked as its words."""
    known = SENTENCES.get(code)
    if known:
        return known
    return f"Microsoft answered: {description}" if description else f"Microsoft refused with code {code}."
