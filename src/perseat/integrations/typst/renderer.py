"""The DocumentRenderer port on typst: a template beside this file, the document as data, never as code."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import structlog
import typst

from perseat.integrations.typst.invoice_metadata import add_invoice_metadata
from perseat.ports.document_renderer import PrintedDocument
from perseat.ports.electronic_invoice import InvoiceFile

_TEMPLATE = Path(__file__).with_name("document.typ")
_ARCHIVABLE: Literal["a-3b"] = "a-3b"
_log = structlog.get_logger()


class TypstRenderer:
    """Renders with typst's own fonts, so that every machine prints the same; fonts of the system only fill gaps."""

    def __init__(self) -> None:
        self._compiler = typst.Compiler(input=_TEMPLATE, root=_TEMPLATE.parent)
        self._one_at_a_time = threading.Lock()

    def render(self, document: PrintedDocument, *, attached: InvoiceFile | None = None) -> bytes:
        """The document as a tagged PDF/A-3b of A4 pages. Same input, same bytes.

        An archive's PDF may not show a letter for which the machine has no font. Such a document is printed as an
        ordinary PDF, with boxes for these letters and the invoice attached, rather than not at all; the log says so.
        """
        inputs = {"document": json.dumps(asdict(document), ensure_ascii=False, default=str)}
        if attached:
            inputs |= {"attached_name": attached.name, "attached": attached.content.decode()}
        try:
            printed = self._compile(inputs, standard=_ARCHIVABLE)
        except typst.TypstError as error:
            _log.warning("document not archivable", document=document.number, reason=str(error))
            return self._compile(inputs, standard=None)
        return add_invoice_metadata(printed, invoice=attached) if attached else printed

    def _compile(self, inputs: Mapping[str, str], *, standard: Literal["a-3b"] | None) -> bytes:
        with self._one_at_a_time:
            printed = self._compiler.compile(format="pdf", sys_inputs=dict(inputs), pdf_standards=standard)
        if not isinstance(printed, bytes):
            raise TypeError("typst returned something else than one PDF.")
        return printed
