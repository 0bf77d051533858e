"""The provider's own look on every page: name, logo, and an accent color made readable whatever it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest

_AA = 4.5  # the contrast that WCAG 2.2 asks for text (success criterion 1.4.3)
_WHITE = (255, 255, 255)
_DARK_SURFACE = (23, 23, 23)
_CUT_OUT = "tabler/css/tabler.pages.css"
_Color = tuple[int, int, int]
# What text of the accent's color may stand on, notices included (perseat.css).
_DARKEST_OF_LIGHT = (232, 238, 232)
_LIGHTEST_OF_DARK = (61, 48, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """`styles`: the framework's stylesheet. `on_accent`: what is written on the accent.

    `accent_on_light` and `accent_on_dark` are the accent, darkened or lightened until text in it is readable.
    """

    name: str
    logo: str
    styles: str
    accent: str
    on_accent: str
    accent_on_light: str
    accent_on_dark: str


def brand(request: HttpRequest) -> dict[str, Brand]:  # noqa: ARG001 - the shape of a context processor
    """Give templates `brand`."""
    chosen = settings.PERSEAT
    return {"brand": make_brand(chosen.brand_name, logo=chosen.brand_logo, color=chosen.brand_color)}


@lru_cache(maxsize=8)
def make_brand(name: str, *, logo: str, color: str) -> Brand:
    """Make the readable variants of a color such as "#066fd1"."""
    accent = _parse(color)
    dark_text_reads_better = _contrast(accent, _DARK_SURFACE) > _contrast(accent, _WHITE)
    return Brand(
        name=name,
        logo=logo,
        styles=_styles(),
        accent=color,
        on_accent="#171717" if dark_text_reads_better else "#ffffff",
        accent_on_light=_readable(accent, surface=_DARKEST_OF_LIGHT, toward=0),
        accent_on_dark=_readable(accent, surface=_LIGHTEST_OF_DARK, toward=255),
    )


def _styles() -> str:
    """What the pages use of Tabler, as `make` cuts it out; all of it while that was not done."""
    return _CUT_OUT if finders.find(_CUT_OUT) else "tabler/css/tabler.min.css"


def _parse(color: str) -> _Color:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _readable(color: _Color, *, surface: _Color, toward: int) -> str:
    steps = (_mix(color, toward=toward, twentieths=step) for step in range(21))
    end = (toward, toward, toward)
    return "#{:02x}{:02x}{:02x}".format(*next((each for each in steps if _contrast(each, surface) >= _AA), end))


def _mix(color: _Color, *, toward: int, twentieths: int) -> _Color:
    red, green, blue = (part + (toward - part) * twentieths // 20 for part in color)
    return red, green, blue


def _contrast(one: _Color, other: _Color) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: _Color) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in color
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
