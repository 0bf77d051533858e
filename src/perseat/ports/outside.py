"""Outside: every port in one frozen value, passed as an argument from the door to the journey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from perseat.ports.clock import Clock
from perseat.ports.delegated_access import DelegatedAccess
from perseat.ports.directory import Directory
from perseat.ports.document_renderer import DocumentRenderer
from perseat.ports.electronic_invoice import ElectronicInvoiceWriter
from perseat.ports.mailer import Mailer
from perseat.ports.payment_gateway import PaymentGateway
from perseat.ports.price_sheets import PriceSheets
from perseat.ports.seat_provider import SeatProvider
from perseat.ports.supplier_notices import SupplierNotices
from perseat.ports.tenancies import Tenancies


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Who answers each port. `gateways` by name, such as "sandbox"."""

    seats: SeatProvider
    notices: SupplierNotices
    price_sheets: PriceSheets
    directory: Directory
    tenancies: Tenancies
    access: DelegatedAccess
    gateways: Mapping[str, PaymentGateway]
    renderer: DocumentRenderer
    invoices: ElectronicInvoiceWriter
    mailer: Mailer
    clock: Clock
    supplier_writes: bool
