"""The addresses of this door: signing in keeps allauth's names, every page of the Client Area is `portal:…`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from perseat.entrypoints.portal import urls_money, urls_people, urls_team

_areas: list[URLPattern | URLResolver] = [*urls_money.urlpatterns, *urls_people.urlpatterns, *urls_team.urlpatterns]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("perseat.entrypoints.portal.urls_sign_in")),
    path("", include((_areas, "portal"))),
]
