"""Links of the navigation: the one whose area the reader is in is marked."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_ELSEWHERE = '<li><a class="nav-entry" href="{}">{}</a></li>'


@register.simple_tag(takes_context=True)
def nav_link(context: dict[str, Any], label: str, url_name: str, names: str = "") -> SafeString | str:
    """A list item with a link; `names`: the url names, separated by spaces, at which it is the current one.

    Nothing is shown for an area that this installation does not have.
    """
    try:
        address = reverse(url_name)
    except NoReverseMatch:
        return ""
    match = getattr(context.get("request"), "resolver_match", None)
    here = match is not None and (match.view_name == url_name or match.url_name in names.split())
    form = '<li><a class="nav-entry" href="{}" aria-current="page">{}</a></li>' if here else _ELSEWHERE
    return format_html(form, address, label)


@register.simple_tag(takes_context=True)
def with_query(context: dict[str, Any], **changes: object) -> str:
    """The present query string with some parameters changed; for links to pages and filters of a list."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"
