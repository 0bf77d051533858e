"""Partner Center's error codes that we can meet, each with what to do about it, and by whom.

`SENTENCES` end what was asked for: the customer can only choose otherwise. `FOR_STAFF` and every unknown code wait for
a person of the staff, who mends the cause and lets it run again. Which codes we cannot meet, and why, is told in
docs/reference/partner-center-errors.md; an unknown one is shown as Microsoft wrote it and never asked again blindly.
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
_ASK_SUPPORT = "Microsoft does not take this order from us and does not say why. Ask Microsoft's support."
_LOOK_AT_IT = "Microsoft does not take this change of the subscription. Look at it in Partner Center."
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
    # A tenant's beginning
    "600002": "Microsoft takes no company registration number in this country. Leave it empty.",
    "600049": "Microsoft asks for the company's registration number in this country.",
    "600050": "The company's registration number does not have the form that Microsoft expects in this country.",
    "600051": "Microsoft asks for a telephone number in this country.",
    "600061": "The Microsoft Customer Agreement was accepted before with the same details.",
    # A change of edition
    "900236": "The new edition's subscription ends before the old one. Microsoft joins them only the other way round.",
    "900258": "The subscription that should take the seats over is not active.",
    "900260": "The subscription that should take the seats over is of another edition.",
    "900268": "Microsoft does not offer this term for the new edition.",
    # The end of a term
    "800093": "Microsoft does not renew this subscription by itself.",
    "900242": "The end date must be that of another subscription, or the end of a month.",
    "900244": "Microsoft moves the end date of this kind of subscription to no other day.",
    "900245": "The end date must lie within the first term after the renewal.",
    "900246": "The end date must be that of another subscription, or the end of a month.",
    # Trials and promotions
    "800107": "The term of a trial cannot be changed. Buy the edition itself.",
    "27006": "This offer has been used as often as Microsoft allows.",
    "27007": "Microsoft does not know this promotion, or it is over.",
}

# A person of the staff can mend these; what the customer has paid for waits meanwhile.
FOR_STAFF: Mapping[str, str] = {
    "800023": _CREDIT_LINE,
    "800025": _CREDIT_LINE,
    "900121": _CREDIT_LINE,
    "800022": _ASK_SUPPORT,
    "800024": _ASK_SUPPORT,
    "800026": _ASK_SUPPORT,
    "800062": _ASK_SUPPORT,
    "4018": _ASK_SUPPORT,
    "800039": "Our reseller agreement with Microsoft is not active.",
    "900149": "Our reseller agreement with Microsoft is not active.",
    "900123": "The Microsoft Partner Agreement has not been accepted by the reseller of record.",
    "900124": "We have not accepted the Microsoft Partner Agreement. Our Global Administrator must accept it.",
    "2030": "We are not set up to sell in this country.",
    "2006": "Microsoft does not let us sell or change this offer.",
    "900169": "Microsoft does not take this currency for the customer's country. Check the tenant's country.",
    "900206": "Microsoft asks for a statement of ours before this can be ordered. Order it in Partner Center.",
    "900252": "Microsoft asks for a purchase order document. Order it in Partner Center.",
    "900253": "Microsoft asks for a tender's document. Order it in Partner Center.",
    "900322": "Microsoft does not sell this in its sandbox. Try it with another edition.",
    "27009": "The subscription that this one belongs to is not active. Reactivate that first.",
    "800012": "The subscription is not active at Microsoft. Look at it in Partner Center.",
    "800021": "Microsoft does not know the subscription in this form. Look at it in Partner Center.",
    "800040": "Microsoft does not allow this change of the subscription's state. Look at it in Partner Center.",
    "800092": "Seats of this subscription can only be changed by whoever sold its volume license.",
    "800094": _LOOK_AT_IT,
    "800095": _LOOK_AT_IT,
    "800096": _LOOK_AT_IT,
    "900263": "This is a subscription of Microsoft's older kind, which has to be migrated first.",
}

# Seats, or a whole subscription, that Microsoft would have taken back earlier.
DEADLINE_PASSED = frozenset({"800090", "900214", "900257", "900117", "900213"})

# What only the provider's own set-up can mend. It must never end an order that a customer has paid.
OURS_TO_MEND: Mapping[str, str] = {
    "2032": "Partner Center denied us access. Check the application's permissions and the account's roles.",
    "800001": "Partner Center missed the partner's token. Give the consent anew; take it up with `perseat connect`.",
    "900150": "The integration account lacks a role in Partner Center. Make it a member of Admin agents.",
    "900308": "The integration account lacks a role in Partner Center. Make it a member of Admin agents.",
    "900309": "A Conditional Access policy blocks our access. Exempt the application or the account from it.",
    "900316": "Partner Center wants a partner user's consent for this. Give it and take it up with `perseat connect`.",
    "900329": "Partner Center does this only with a partner user's consent. Take one up with `perseat connect`.",
    "900420": "Our token was made for an address that Microsoft has retired. Check PERSEAT_LOGIN_BASE_URL.",
}

# Passing states: the same call may be repeated later, with the wait that Microsoft advises, in seconds.
PASSING: Mapping[str, float | None] = {
    "800003": None,
    "800031": None,
    "800005": None,
    "800014": 120.0,
    "800060": 60.0,
    "800064": 60.0,
    "800065": 60.0,
    "800082": 120.0,
    "900192": 60.0,
    "900261": 120.0,
    "900278": 120.0,
}


def sentence_for(code: str, *, description: str) -> str:
    """Plain words for a code; for an unknown one what Microsoft wrote, marked as its words."""
    known = SENTENCES.get(code) or FOR_STAFF.get(code)
    if known:
        return known
    return f"Microsoft answered: {description}" if description else f"Microsoft refused with code {code}."


def is_for_staff(code: str) -> bool:
    """Whether somebody of the staff has to decide, because they can mend it or because nobody knows the code."""
    return code not in SENTENCES


def plain_facts(details: Mapping[str, str]) -> str:
    """What Microsoft adds to a refusal that the customer can act on, as a sentence; "" when there is nothing.

    >>> plain_facts({"availableQuantity": "100", "purchasedQuantity": "200"})
    'The tenant has 200 from all sellers, so 100 more can be had.'
    """
    facts = {name.casefold(): value for name, value in details.items()}
    available, purchased = facts.get("availablequantity", ""), facts.get("purchasedquantity", "")
    if not available.isdecimal():
        return ""
    held = f"The tenant has {purchased} from all sellers, so " if purchased.isdecimal() else ""
    return f"{held}{available} more can be had."
