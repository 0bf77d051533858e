"""Pages: the design system that all doors share: base templates, components, template tags, styles.

It has no views and no figures of its own; a door extends `base.html` (customers), `office_base.html` (staff) or
`auth_base.html` (before logging in) and includes `components/*.html`. Each component's first lines say what it takes.
"""

from __future__ import annotations
