"""Answers: which statuses an endpoint may give, for the description at openapi.json."""

from __future__ import annotations

from typing import Any

from perseat.entrypoints.api.problems import Problem


def answers(shape: Any, *, status: int = 200, but: tuple[int, ...] = (), **conflict: Any) -> dict[int, Any]:
    """`shape` with `status`; 401, 404 and unreadable addresses always; `but`: what else may be refused.

    `conflict`: the shape of a 409, when it says more than a problem.
    """
    problems: dict[int, Any] = dict.fromkeys((400, 401, 404, 422, *but), Problem)
    if conflict:
        problems[409] = conflict["conflict"]
    return {status: shape, **problems}


TO_POST = (403, 409, 413, 415)
TO_MICROSOFT = (503,)
KEY_PARAMETER = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 200},
            "description": "The same key with the same body is carried out once and answered the same for 24 hours.",
        }
    ]
}
