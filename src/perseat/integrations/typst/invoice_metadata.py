"""Invoice metadata: says in a PDF's XMP which electronic invoice it carries, as Factur-X asks for.

Typst attaches the file but cannot write these four properties. They come by an incremental update, as the PDF standard
knows it: the changed metadata object and a table of its place are appended, and nothing before them is touched.
"""

from __future__ import annotations

import re

from perseat.ports.electronic_invoice import InvoiceFile

_NAME_SPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_METADATA = re.compile(rb"/Metadata (\d+) 0 R")
_TRAILER = re.compile(rb"trailer\s*<<(?P<entries>.*)>>\s*startxref\s+(?P<start>\d+)\s+%%EOF\s*\Z", re.DOTALL)
_XMP = re.compile(rb"<\?xpacket begin=.*<\?xpacket end=\"[rw]\"\?>", re.DOTALL)
_END_OF_SCHEMAS = b"</rdf:Bag></pdfaExtension:schemas>"
_END_OF_DESCRIPTION = b"</rdf:Description></rdf:RDF>"
_MEANINGS = {
    "DocumentFileName": "Name of the embedded XML invoice file",
    "DocumentType": "What the embedded file is",
    "Version": "Version of the data in the embedded file",
    "ConformanceLevel": "Profile that the embedded file keeps to",
}


class MetadataNotFound(ValueError):
    """The PDF is not built as typst builds them; its metadata cannot be extended."""


def add_invoice_metadata(pdf: bytes, *, invoice: InvoiceFile) -> bytes:
    """The PDF with the properties of the invoice that it carries. Same input, same bytes.

    :raises MetadataNotFound: when the PDF has no metadata in the form that typst writes.
    """
    trailer, number = _TRAILER.search(pdf[-2048:]), _METADATA.search(pdf)
    if trailer is None or number is None:
        raise MetadataNotFound("The PDF has no trailer or no metadata.")
    packet = _XMP.search(pdf)
    if packet is None or not all(packet[0].count(end) == 1 for end in (_END_OF_SCHEMAS, _END_OF_DESCRIPTION)):
        raise MetadataNotFound("The PDF's metadata does not describe its extensions.")
    xmp = packet[0].replace(_END_OF_SCHEMAS, _schema() + _END_OF_SCHEMAS)
    xmp = xmp.replace(_END_OF_DESCRIPTION, b"</rdf:Description>" + _properties(invoice) + b"</rdf:RDF>")
    start = len(pdf) + 1
    changed = b"%b 0 obj\n<</Length %d/Type/Metadata/Subtype/XML>>\nstream\n%b\nendstream\nendobj\n"
    added = changed % (number[1], len(xmp), xmp)
    table = b"xref\n0 1\n0000000000 65535 f\r\n%b 1\n%010d 00000 n\r\ntrailer\n<<%b/Prev %b>>\nstartxref\n%d\n%%%%EOF\n"
    place = (number[1], start, trailer["entries"], trailer["start"], start + len(added))
    return b"".join((pdf, b"\n", added, table % place))


def _properties(invoice: InvoiceFile) -> bytes:
    values = {
        "DocumentType": "INVOICE",
        "DocumentFileName": invoice.name,
        "Version": "1.0",
        "ConformanceLevel": invoice.profile,
    }
    written = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, value in values.items())
    return f'<rdf:Description rdf:about="" xmlns:fx="{_NAME_SPACE}">{written}</rdf:Description>'.encode()


def _schema() -> bytes:
    """PDF/A wants properties that it does not know to be described in the file itself."""
    described = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{meaning}</pdfaProperty:description></rdf:li>"
        for name, meaning in _MEANINGS.items()
    )
    return (
        '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{_NAME_SPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{described}</rdf:Seq></pdfaSchema:property></rdf:li>"
    ).encode()
