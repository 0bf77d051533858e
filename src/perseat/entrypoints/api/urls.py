"""The addresses of this door; what is not among them is answered as JSON, too."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from perseat.entrypoints.api.description import api
from perseat.entrypoints.api.problems import Problem, nothing_here, problem_reply


def _as_problem(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """No answer of this door is kept by a browser or a proxy, and a method that is not offered is a problem."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            allowed = response.headers["Allow"]
            sentence = f"This address takes {allowed} only."
            response = problem_reply(405, Problem(code="method_not_offered", sentence=sentence))
            response.headers["Allow"] = allowed
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


@csrf_exempt
def unknown_address(_request: HttpRequest) -> HttpResponse:
    """404."""
    return nothing_here()


# The root keeps its name, from which the description learns the prefix of its addresses; nothing is there.
_endpoints: list[URLPattern | URLResolver] = [
    URLPattern(
        each.pattern,
        unknown_address if each.name == "api-root" else _as_problem(each.callback),
        each.default_args,
        each.name,
    )
    for each in api.urls[0]
    if isinstance(each, URLPattern)
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include((_endpoints, "api"))),
    re_path(r"", unknown_address),
]
