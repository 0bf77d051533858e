"""Languages: the words of documents by language, read from gettext's catalogs beside this file.

English stands in the source. Catalogs are read as they are kept, so that no machine needs gettext's tools.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGS = Path(__file__).with_name("locale")
DOMAIN = "documents"


@cache
def words_in(language: str) -> NullTranslations:
    """The translations into a language such as "de" or "de-AT"; English for one that has no catalog.

    >>> words_in("de-AT").gettext("Invoice")
    'Rechnung'
    """
    path = CATALOGS / Locale.parse(language, sep="-").language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, domain=DOMAIN, abort_invalid=True))
    compiled.seek(0)
    return GNUTranslations(compiled)
