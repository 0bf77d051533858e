"""Books for the audit to compare, made of quotes: what is issued, paid and entered, as the tables would tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from perseat.domain.audit_facts import AuditedDocument, AuditedLine, AuditedQuote
from perseat.domain.quote import Line, Totals
from perseat.domain.tax import document_totals

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
_PLAIN: dict[str, object] = {
    "str": "", "int": 0, "bool": False, "date": NOON.date(), "datetime": NOON, "tuple": (), "Mapping": {},
}  # fmt: skip
Fact = TypeVar("Fact")


def fact(kind: type[Fact], /, **told: Any) -> Fact:
    """A fact of the audit of which only what matters is told; the rest is empty, zero, or of one noon in November."""
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name not in told and field.default is MISSING and field.default_factory is MISSING:
            annotation = str(field.type)
            told[field.name] = None if "None" in annotation else _PLAIN.get(annotation.split("[", maxsplit=1)[0])
    return kind(**told)


def issue(
    document_id: int,
    lines: Sequence[Line],
    totals: Totals | None = None,
    *,
    issued_at: datetime = NOON,
    corrects_id: int | None = None,
    is_quoted: bool = False,
    **told: Any,
) -> AuditedDocument:
    """A document INV-… of these lines; line 2 of document 7 has the id 72."""
    totals = totals or document_totals(lines)
    issued = tuple(
        fact(AuditedLine, line_id=10 * document_id + number, number=number, line=line, tax_minor=tax)
        for number, (line, tax) in enumerate(zip(lines, totals.line_taxes, strict=True), start=1)
    )
    quote = fact(AuditedQuote, lines=issued, due_today_minor=totals.total_minor) if is_quoted else None
    return fact(
        AuditedDocument,
        **{
            "document_id": document_id, "number": f"INV-{document_id}", "kind": totals.kind, "currency": "AUD",
            "net_minor": totals.net_minor, "tax_minor": totals.tax_minor, "total_minor": totals.total_minor,
            "lines": issued, "taxes": totals.taxes, "issued_at": issued_at, "corrects_id": corrects_id, "quote": quote,
            "expected_hash": f"{document_id:x}" * 64, "found_hash": f"{document_id:x}" * 64,
            "issued_on": date(2026, 11, 22), **told,
        },
    )  # fmt: skip
