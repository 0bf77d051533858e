"""Words and tones for states, as the staff reads them."""

from __future__ import annotations

from perseat.capabilities.catalog.queries import PriceList
from perseat.domain.fulfillment import (
    ORDER_LABELS,
    DeliveryAct,
    DeliveryState,
    OrderState,
    PaymentState,
    RepaymentState,
)
from perseat.domain.parties import DocumentLanguage, PaymentTerms, QuestionState, TaxTreatment
from perseat.domain.price_making import MarkupKind, Verdict
from perseat.domain.price_sheets import CostChange
from perseat.domain.quote import DecreasePolicy
from perseat.domain.rights import StaffRole

_ORDER_TONES = {
    OrderState.AWAITING_PAYMENT: "wait",
    OrderState.PAID: "good",
    OrderState.ORDERING: "wait",
    OrderState.AT_MICROSOFT: "wait",
    OrderState.READY: "good",
    OrderState.SCHEDULED: "",
    OrderState.NEEDS_ATTENTION: "bad",
    OrderState.CANCELLED: "",
}
ORDER_STATES = {state: (ORDER_LABELS[state], _ORDER_TONES[state]) for state in OrderState}
DELIVERY_STATES = {
    DeliveryState.WAITING: ("Waiting", "wait"),
    DeliveryState.ASKING: ("Asking Microsoft", "wait"),
    DeliveryState.AT_SUPPLIER: ("At Microsoft", "wait"),
    DeliveryState.DONE: ("Done", "good"),
    DeliveryState.REFUSED: ("Refused", "bad"),
    DeliveryState.PARKED: ("Parked", "bad"),
    DeliveryState.CANCELLED: ("Cancelled", ""),
}
DELIVERY_ACTS = {
    DeliveryAct.UPGRADE: "Upgrade",
    DeliveryAct.BUY: "Buy",
    DeliveryAct.SET_SEATS: "Set seats",
    DeliveryAct.MOVE_PEOPLE: "Move people",
    DeliveryAct.PLAN_RENEWAL: "Plan for the renewal",
    DeliveryAct.END: "End",
}
PAYMENT_STATES = {
    PaymentState.STARTED: ("Started", "wait"),
    PaymentState.SUCCEEDED: ("Received", "good"),
    PaymentState.DECLINED: ("Declined", ""),
    PaymentState.REVERSED: ("Reversed", "bad"),
}
REPAYMENT_STATES = {
    RepaymentState.WAITING: ("On its way", "wait"),
    RepaymentState.SENT: ("Sent", "good"),
    RepaymentState.REFUSED: ("Refused", "bad"),
}
QUESTION_STATES = {
    QuestionState.OPEN: ("Waits for us", "wait"),
    QuestionState.ANSWERED: ("Answered", "good"),
    QuestionState.CLOSED: ("Closed", ""),
}
DOCUMENT_LANGUAGES = {DocumentLanguage.ENGLISH: "English", DocumentLanguage.GERMAN: "Deutsch"}
PAYMENT_TERMS = {PaymentTerms.PREPAID: "Prepaid", PaymentTerms.ON_ACCOUNT: "On account"}
TAX_TREATMENTS = {
    TaxTreatment.DOMESTIC: "Taxed as each edition is",
    TaxTreatment.REVERSE_CHARGE: "Reverse charge: the customer, abroad, accounts for the tax",
    TaxTreatment.EXEMPT: "Exempt from tax",
    TaxTreatment.OUTSIDE_SCOPE: "Not subject to tax",
}
TAX_CATEGORIES = {
    "S": "S: taxed at a rate",
    "Z": "Z: taxed at zero",
    "E": "E: exempt",
    "AE": "AE: reverse charge",
    "O": "O: not subject to tax",
}
STAFF_ROLES = {StaffRole.CLERK: "Clerk", StaffRole.ADMINISTRATOR: "Administrator"}
PAYMENT_METHODS = {"bank_transfer": "Bank transfer", "sandbox": "Sandbox gateway"}
TERMS = {"P1M": "One month", "P1Y": "One year", "P3Y": "Three years"}
CYCLES = {
    "P1M": "Charged monthly",
    "P3M": "Charged every three months",
    "P6M": "Charged every six months",
    "P1Y": "Charged yearly",
    "P3Y": "Charged for three years",
}
POLICIES = {
    DecreasePolicy.ANYTIME: "At any time, credited",
    DecreasePolicy.WINDOW: "Inside the window after buying",
    DecreasePolicy.RENEWAL: "At the renewal",
}
MARKUP_KINDS = {
    MarkupKind.PERCENT: "Cost plus a percentage",
    MarkupKind.AMOUNT: "Cost plus an amount",
    MarkupKind.LIST_PRICE: "The list price (ERP) of the sheet",
    MarkupKind.FIXED: "A fixed price",
    MarkupKind.BY_HAND: "By hand: no rule",
}
VERDICTS = {
    Verdict.FINE: ("", "good"),
    Verdict.NOTHING: ("For nothing", "bad"),
    Verdict.BELOW_COST: ("Below cost", "bad"),
    Verdict.COST_UNKNOWN: ("Cost not known", ""),
    Verdict.RATE_UNKNOWN: ("No exchange rate", "wait"),
}
COST_CHANGES = {
    CostChange.NEW: ("New", "good"),
    CostChange.CHANGED: ("Changed", "wait"),
    CostChange.SAME: ("The same", ""),
    CostChange.PROBLEM: ("Not usable", "bad"),
}
LEFT_OUT = {
    "other_market": "for other markets",
    "other_segment": "for schools, charities and governments",
    "tier": "for volumes",
    "trial": "of trials",
    "no_seats": "not sold by the seat",
    "repeated": "repeated",
}


def price_list_label(prices: PriceList) -> str:
    """ "AUD, plus tax", "EUR, includes tax"."""
    return f"{prices.currency}, {'includes tax' if prices.includes_tax else 'plus tax'}"
