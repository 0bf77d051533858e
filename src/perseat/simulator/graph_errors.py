"""The errors Graph answers with, and the sentences of assignLicense, which are its only discriminator."""

from __future__ import annotations

import datetime

from perseat.simulator.messages import Answer, JsonObject

NO_USAGE_LOCATION = "License assignment cannot be done for user with invalid usage location."
NO_SEAT = "Subscription with SKU {} does not have any available licenses."
NOT_OWNED = "License {} does not correspond to a valid company License."
NOT_ASSIGNED = "User does not have a corresponding license."
INHERITED = "User license is inherited from a group membership and it cannot be removed directly from the user."
EXCLUSIVE = "License assignment failed because service plans {}, {} are mutually exclusive."
DEPENDENT = "License assignment failed because service plan {} depends on the service plan(s) {}"
MISSING_PARAMETER = (
    "One or more parameters of the operation 'assignLicense' are missing from the request payload. "
    "The missing parameters are: {}."
)
NOT_FOUND = "Resource '{}' does not exist or one of its queried reference-property objects are not present."
TAKEN = "Another object with the same value for property {} already exists."
DENIED = "Insufficient privileges to complete the operation."
BAD_JSON = (
    "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."
)
TOKEN_MESSAGES = {
    "missing": "Access token is empty.",
    "malformed": "CompactToken parsing failed with error code: 80049217",
    "expired": "Lifetime validation failed, the token is expired.",
}
WRONG_AUDIENCE = "Access token validation failure. Invalid audience."


class GraphRefusal(Exception):
    """Graph refuses a call."""

    def __init__(self, status: int, code: str, message: str, *, details: list[JsonObject] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.details = details


def bad_request(message: str, *, details: list[JsonObject] | None = None) -> GraphRefusal:
    """400 Request_BadRequest with a sentence."""
    return GraphRefusal(400, "Request_BadRequest", message, details=details)


def not_found(name: str) -> GraphRefusal:
    """404 for an object that does not exist."""
    return GraphRefusal(404, "Request_ResourceNotFound", NOT_FOUND.format(name))


def refusal_answer(refusal: GraphRefusal, *, request_id: str, client_request_id: str, now: datetime.datetime) -> Answer:
    """The answer to a refused call."""
    error: JsonObject = {"code": refusal.code, "message": str(refusal)}
    if refusal.details is not None:
        error["details"] = refusal.details
    error["innerError"] = {
        "date": now.strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": client_request_id,
    }
    return Answer(status=refusal.status, body={"error": error})


def throttled_answer(
    retry_after: int,
    *,
    request_id: str,
    now: datetime.datetime,
    tenant_id: str = "unknown",
    scope: str = "",
    information: str = "ResourceUnitLimitExceeded",
) -> Answer:
    """The answer when the limits are exceeded; `scope`: which one, left out that of the tenant."""
    inner = {
        "code": "429",
        "date": now.strftime("%Y-%m-%dT%H:%M:%S"),
        "message": "Please retry after",
        "request-id": request_id,
        "status": "429",
    }
    error = {"code": "TooManyRequests", "innerError": inner, "message": "Please retry again later."}
    headers = {
        "Retry-After": str(retry_after),
        "x-ms-throttle-scope": scope or f"Tenant_Application/ReadWrite/simulator/{tenant_id}",
        "x-ms-throttle-information": information,
    }
    return Answer(status=429, body={"error": error}, headers=headers)
