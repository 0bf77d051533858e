"""Letters: the figures of an order or a document as an e-mail shows them, in the words and the style of the pages."""

from __future__ import annotations

from collections.abc import Iterable

from perseat.capabilities.invoicing.languages import words_in
from perseat.capabilities.invoicing.queries import DocumentLineView, DocumentTaxView, DocumentView
from perseat.capabilities.invoicing.wording import write_day, write_money, write_rate
from perseat.domain.quote import DocumentKind
from perseat.journeys.figures import LineFigure, TaxFigure


def write_figures(
    lines: Iterable[LineFigure | DocumentLineView],
    taxes: Iterable[TaxFigure | DocumentTaxView],
    *,
    net_minor: int,
    total_minor: int,
    currency: str,
    language: str,
) -> str:
    """Each line with its arithmetic, which ends with the amount, then the tax and the total with tax, as plain text."""
    words = words_in(language)

    def money(amount_minor: int) -> str:
        return write_money(amount_minor, currency=currency, language=language)

    told = [f"- {each.text}\n  {each.arithmetic}{_credits(each, language)}" for each in lines]
    told.append(f"\n{words.gettext('Before tax')}: {money(net_minor)}")
    for tax in taxes:
        name = words.gettext("{tax} {rate} of {net}").format(
            tax=words.gettext(tax.label) if tax.label else "",
            rate=write_rate(tax.rate, language=language),
            net=money(tax.net_minor),
        )
        told.append(f"{name}: {money(tax.tax_minor)}")
    told.append(f"{words.gettext('Total incl. tax')}: {money(total_minor)}")
    return "\n".join(told)


def write_document(document: DocumentView, *, address: str) -> tuple[str, str]:
    """Subject and text of the letter with which a document comes, in the document's language."""
    words = words_in(document.language)
    is_invoice = document.kind is DocumentKind.INVOICE
    total = write_money(abs(document.total_minor), currency=document.currency, language=document.language)
    if is_invoice:
        what = words.gettext(
            "Invoice {number} over {total} is due on {day}. For a bank transfer, name {reference}. What is paid "
            "already is shown on the page."
        ).format(
            number=document.number,
            total=total,
            day=write_day(document.due_on, language=document.language),
            reference=document.payment_reference,
        )
    else:
        what = words.gettext("We have credited {total} with credit note {number}.").format(
            total=total, number=document.number
        )
    figures = write_figures(
        document.lines,
        document.taxes,
        net_minor=document.net_minor,
        total_minor=document.total_minor,
        currency=document.currency,
        language=document.language,
    )
    title = words.gettext("Invoice") if is_invoice else words.gettext("Credit note")
    see = words.gettext("See it here, with how each amount comes about:")
    return f"{title} {document.number}", f"{what}\n\n{figures}\n\n{see}\n{address}"


def greeting(language: str) -> str:
    """How a letter begins."""
    return words_in(language).gettext("Hello,")


def _credits(line: LineFigure | DocumentLineView, language: str) -> str:
    if not line.credits_number:
        return ""
    return f" ({words_in(language).gettext('credits {number}').format(number=line.credits_number)})"
