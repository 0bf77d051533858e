"""Words and tones for states, as the staff reads them."""

from __future__ import annotations

from perseat.domain.fulfillment import (
    ORDER_LABELS,
    DeliveryAct,
    DeliveryState,
    OrderState,
    PaymentState,
    RepaymentState,
)
from perseat.domain.parties import DocumentLanguage, PaymentTerms, QuestionState
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
STAFF_ROLES = {StaffRole.CLERK: "Clerk", StaffRole.ADMINISTRATOR: "Administrator"}
PAYMENT_METHODS = {"bank_transfer": "Bank transfer", "sandbox": "Sandbox gateway"}
