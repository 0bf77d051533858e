"""EN 16931's own judges: Factur-X's schema, and the official rules as compiled schematron, run by Saxon."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import facturx
from lxml import etree
from saxonche import PySaxonProcessor, PyXsltExecutable

_RULES = Path(facturx.__file__).with_name("xsd_and_schematron") / "facturx-en16931"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def broken_rules(xml: bytes) -> list[str]:
    """What the schema and the rules find wrong, in their words; nothing for a valid invoice.

    That the rules were asked at all is checked, too: a report without a fired rule is an error.
    """
    document = etree.fromstring(xml)
    schema = _schema()
    if not schema.validate(document):
        return [str(error) for error in schema.error_log]
    processor, rules = _rules()
    report = etree.fromstring(rules.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode())).encode())
    assert len(report.findall(f"{_SVRL}fired-rule")) > 10, "the rules were not run"
    failed = [*report.iter(f"{_SVRL}failed-assert"), *report.iter(f"{_SVRL}successful-report")]
    return ["".join(each.itertext()).strip() for each in failed]


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_RULES / "Factur-X_EN16931.xsd"))


@cache
def _rules() -> tuple[PySaxonProcessor, PyXsltExecutable]:
    processor = PySaxonProcessor(license=False)
    compiled = processor.new_xslt30_processor().compile_stylesheet(
        stylesheet_file=str(_RULES / "FACTUR-X_EN16931.xslt")
    )
    return processor, compiled
