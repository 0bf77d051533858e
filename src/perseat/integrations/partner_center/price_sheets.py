"""The PriceSheets port on Microsoft: sheets as files, from their own host, and Partner Center's words on an edition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import httpx
import structlog

from perseat.integrations.partner_center.answers import understand
from perseat.integrations.partner_center.connection import Connection, TokenSource, path_part
from perseat.integrations.partner_center.price_sheet_lines import read_lines
from perseat.ports.failures import Unanswered
from perseat.ports.price_sheets import LineLeftOut, SheetLine, SupplierEdition, UnusableLine

log = structlog.get_logger(__name__)


class PartnerCenterPriceSheets:
    """Answers the PriceSheets port. `http`, `base_url` and `tokens` are for the host of the sheets."""

    def __init__(
        self, http: httpx.Client, *, base_url: str, partner_tenant_id: str, tokens: TokenSource, catalog: Connection
    ) -> None:
        self._http = http
        self._root = f"{base_url.rstrip('/')}/v1.0/sales"
        self._partner_tenant_id = partner_tenant_id
        self._tokens = tokens
        self._catalog = catalog

    def read(self, content: BinaryIO, *, market: str) -> Iterator[SheetLine | UnusableLine | LineLeftOut]:
        """Every line, as it comes."""
        return read_lines(content, market=market)

    def fetch(self, market: str, *, into: BinaryIO) -> None:
        """The license-based sheet that counts now, as it is sent, packed or not; read over the wire in pieces."""
        address = f"{self._root}/pricesheets(Market='{path_part(market)}',PricesheetView='updatedlicensebased')/$value"
        token = self._tokens.get_token(self._partner_tenant_id)
        try:
            if not self._download(address, token=token, into=into, may_be_refused=True):
                token = self._tokens.get_token_instead_of(token, tenant_id=self._partner_tenant_id)
                self._download(address, token=token, into=into, may_be_refused=False)
        except httpx.TransportError as error:
            raise Unanswered(f"Partner Center did not answer ({type(error).__name__}).") from error

    def get_edition(self, product_id: str, *, sku_id: str, market: str) -> SupplierEdition:
        """One SKU of the catalog; its provisioning id is the directory's own id of it."""
        path = f"/products/{path_part(product_id)}/skus/{path_part(sku_id)}"
        sku = self._catalog.get(path, params={"country": market})
        facts = sku.record("dynamicAttributes")
        return SupplierEdition(
            product_id=product_id,
            sku_id=sku_id,
            title=sku.text("title"),
            directory_sku_id=facts.text("provisioningId"),
            maximum_seats=sku.number("maximumQuantity"),
            upgrades_to=tuple(_pair(target) for target in facts.texts("upgradeTargetOffers") if ":" in target),
        )

    def _download(self, address: str, *, token: str, into: BinaryIO, may_be_refused: bool) -> bool:
        """Whether the token was taken; what else is refused is raised."""
        headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "deflate", "User-Agent": "Perseat"}
        with self._http.stream("GET", address, params={"timeline": "current"}, headers=headers) as answer:
            log.info("price sheet", path=address.removeprefix(self._root), status=answer.status_code)
            if answer.status_code == httpx.codes.UNAUTHORIZED and may_be_refused:
                return False
            if not answer.is_success:
                answer.read()
                understand(answer)
            into.writelines(answer.iter_raw())
        return True


def _pair(target: str) -> tuple[str, str]:
    product_id, _, sku_id = target.partition(":")
    return product_id, sku_id.partition(":")[0]
