"""The DocumentRenderer port on typst: a template beside this file, the document as data, never as code."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import typst

from perseat.ports.document_renderer import PrintedDocument

_TEMPLATE = Path(__file__).with_name("document.typ")
_HEADINGS = {
    "de": ("Beschreibung", "Plätze", "Einzelpreis", "Betrag"),
    "en": ("Description", "Seats", "Unit price", "Amount"),
}
# A document tells its own dates; a moment in the file's properties would only make equal documents differ.
_NO_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


class TypstRenderer:
    """Renders with typst's own fonts, so that every machine prints the same; fonts of the system only fill gaps."""

    def __init__(self) -> None:
        self._compiler = typst.Compiler(input=_TEMPLATE, root=_TEMPLATE.parent)
        self._one_at_a_time = threading.Lock()

    def render(self, document: PrintedDocument) -> bytes:
        """The document as a tagged PDF of A4 pages. Same input, same bytes."""
        headings = _HEADINGS.get(document.language[:2].lower(), _HEADINGS["en"])
        data = json.dumps(asdict(document) | {"headings": headings}, ensure_ascii=False)
        with self._one_at_a_time:
            printed = self._compiler.compile(format="pdf", sys_inputs={"document": data}, timestamp=_NO_MOMENT)
        if not isinstance(printed, bytes):
            raise TypeError("typst returned something else than one PDF.")
        return printed
