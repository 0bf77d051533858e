"""Lists of users: $filter, $search, $orderby, $count and paging by $skiptoken."""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

from perseat.simulator.calls import Call
from perseat.simulator.graph_errors import GraphRefusal
from perseat.simulator.graph_resources import context, select, selected_names
from perseat.simulator.graph_user_bodies import DEFAULT_NAMES, KNOWN_NAMES, user_body, user_property
from perseat.simulator.licenses import has_license
from perseat.simulator.messages import JsonObject
from perseat.simulator.store import User

DEFAULT_PAGE = 100
LARGEST_PAGE = 999
_EQUALS = re.compile(r"(\w+)\s+(eq|ne)\s+(?:'((?:[^']|'')*)'|(true|false|null))", re.IGNORECASE)
_STARTS = re.compile(r"startswith\(\s*(\w+)\s*,\s*'((?:[^']|'')*)'\s*\)", re.IGNORECASE)
_HOLDS = re.compile(r"assignedLicenses/any\(\s*(\w+)\s*:\s*\1/skuId\s+eq\s+([0-9a-f-]{36})\s*\)", re.IGNORECASE)
_COUNTS = re.compile(r"assignedLicenses/\$count\s+(eq|ne)\s+0", re.IGNORECASE)
_SEARCH = re.compile(r'"(displayName|mail|userPrincipalName|givenName|surname):([^"]*)"', re.IGNORECASE)
_WORD_BREAK = re.compile(r"[\s@.\-_]+")

Test = Callable[[User], bool]


def page_of_users(call: Call, users: list[User]) -> JsonObject:
    """One page of those users that the query wants, and the address of the next."""
    query = call.request.query
    names = selected_names(call)
    wanted = _parse_filter(query.get("$filter", ""), is_advanced=_is_advanced(call))
    searched = _parse_search(query.get("$search", ""), is_advanced=_is_eventual(call))
    ordered = _sorted(users, query.get("$orderby", ""))
    is_counted = query.get("$count", "").lower() == "true" and _is_eventual(call)
    found = [user for user in ordered if wanted(user) and searched(user)] if is_counted else ordered
    size = _page_size(query.get("$top", ""))
    following = found[_start(query.get("$skiptoken", ""), found) :]
    fitting = following if is_counted else (user for user in following if wanted(user) and searched(user))
    page = list(itertools.islice(fitting, size + 1))
    answer: JsonObject = {"@odata.context": context("users", names)}
    if is_counted:
        answer["@odata.count"] = len(found)
    if len(page) > size:
        answer["@odata.nextLink"] = _next_link(call, last_id=page[size - 1].id)
    return {**answer, "value": [select(user_body(user), names or DEFAULT_NAMES) for user in page[:size]]}


def _is_eventual(call: Call) -> bool:
    return call.request.headers.get("consistencylevel", "").lower() == "eventual"


def _is_advanced(call: Call) -> bool:
    return _is_eventual(call) and call.request.query.get("$count", "").lower() == "true"


def _unsupported(message: str) -> GraphRefusal:
    return GraphRefusal(400, "Request_UnsupportedQuery", message)


def _parse_filter(text: str, *, is_advanced: bool) -> Test:
    """Conditions joined by `and`, or by `or`; other expressions are refused rather than misread."""
    if not text.strip():
        return lambda _user: True
    for word, joined in ((r"\s+or\s+", any), (r"\s+and\s+", all)):
        # Only words outside of quotes join conditions.
        parts = re.split(word + r"(?=(?:[^']*'[^']*')*[^']*$)", text.strip(), flags=re.IGNORECASE)
        if len(parts) > 1:
            return _join([_parse_filter(part, is_advanced=is_advanced) for part in parts], joined=joined)
    return _parse_condition(text.strip(), is_advanced=is_advanced)


def _join(tests: list[Test], *, joined: Callable[[Iterable[bool]], bool]) -> Test:
    return lambda user: joined(test(user) for test in tests)


def _parse_condition(text: str, *, is_advanced: bool) -> Test:
    if found := _STARTS.fullmatch(text):
        name, start = _known_name(found[1]), found[2].replace("''", "'").lower()
        return lambda user: str(user_property(user, name) or "").lower().startswith(start)
    if found := _HOLDS.fullmatch(text):
        sku_id = found[2].lower()
        return lambda user: has_license(user, sku_id=sku_id)
    if found := _COUNTS.fullmatch(text):
        _require_advanced(is_advanced)
        wants_none = found[1].lower() == "eq"
        return lambda user: (len(user.licenses) == 0) == wants_none
    if found := _EQUALS.fullmatch(text):
        return _equality(found, is_advanced=is_advanced)
    raise GraphRefusal(400, "BadRequest", f"Invalid filter clause: {text}")


def _equality(found: re.Match[str], *, is_advanced: bool) -> Test:
    name, word = _known_name(found[1]), found[2].lower()
    if word == "ne":
        _require_advanced(is_advanced)
    literal = found[4].lower() if found[4] else None
    value = {"true": True, "false": False, "null": None}[literal] if literal else found[3].replace("''", "'").lower()

    def is_equal(user: User) -> bool:
        actual = user_property(user, name)
        return (actual.lower() if isinstance(actual, str) else actual) == value

    return is_equal if word == "eq" else lambda user: not is_equal(user)


def _require_advanced(is_advanced: bool) -> None:  # noqa: FBT001 (the one fact it is about)
    if not is_advanced:
        raise _unsupported("Unsupported Query. This query needs the ConsistencyLevel header and $count=true.")


def _known_name(name: str) -> str:
    """The property a query means, whatever its case."""
    by_fold = {known.lower(): known for known in KNOWN_NAMES}
    if name.lower() not in by_fold:
        text = f"Could not find a property named '{name}' on type 'microsoft.graph.user'."
        raise GraphRefusal(400, "BadRequest", text)
    return by_fold[name.lower()]


def _parse_search(text: str, *, is_advanced: bool) -> Test:
    """Beginnings of words, as the directory searches; clauses are joined by OR or AND."""
    if not text.strip():
        return lambda _user: True
    if not is_advanced:
        raise _unsupported(
            "Request with $search query parameter only works through MSGraph with a special request header: "
            "'ConsistencyLevel: eventual'"
        )
    clauses = [(_known_name(found[1]), found[2].lower()) for found in _SEARCH.finditer(text)]
    if not clauses:
        raise GraphRefusal(400, "BadRequest", 'Syntax error: $search takes "property:value" in double quotes.')
    joined = all if re.search(r'"\s+AND\s+"', text) else any
    return lambda user: joined(_begins(str(user_property(user, name) or ""), start) for name, start in clauses)


def _begins(value: str, start: str) -> bool:
    lowered = value.lower()
    return lowered.startswith(start) or any(word.startswith(start) for word in _WORD_BREAK.split(lowered))


def _sorted(users: list[User], order: str) -> list[User]:
    name, _, direction = order.strip().partition(" ")
    if not name:
        return users
    known = _known_name(name)
    is_backwards = direction.strip().lower() == "desc"
    return sorted(
        users, key=lambda user: (str(user_property(user, known) or "").lower(), user.id), reverse=is_backwards
    )


def _page_size(text: str) -> int:
    if not text:
        return DEFAULT_PAGE
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LARGEST_PAGE:
        raise GraphRefusal(
            400, "Request_BadRequest", f"Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive."
        )
    return int(text)


def _start(token: str, found: list[User]) -> int:
    """The place after the last user of the page before, wherever the list has grown since."""
    if not token:
        return 0
    try:
        last_id = base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeError) as problem:
        raise GraphRefusal(
            400, "Directory_ExpiredPageToken", "The specified page token value has expired."
        ) from problem
    places = [place for place, user in enumerate(found) if user.id == last_id]
    if not places:
        raise GraphRefusal(400, "Directory_ExpiredPageToken", "The specified page token value has expired.")
    return places[0] + 1


def _next_link(call: Call, *, last_id: str) -> str:
    token = base64.urlsafe_b64encode(last_id.encode()).decode()
    kept = {name: value for name, value in call.request.query.items() if name != "$skiptoken"} | {"$skiptoken": token}
    query = "&".join(f"{quote(name, safe='$')}={quote(value, safe=',:()')}" for name, value in kept.items())
    return f"{call.request.base_url}{call.request.path}?{query}"
