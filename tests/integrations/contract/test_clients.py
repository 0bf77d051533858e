"""Our clients send what the examples send, and read what they answer, however it is spelled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from tests.integrations.contract.clients import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, read_by_client
from tests.integrations.contract.comparing import differences_of_request, missing_values, without
from tests.integrations.contract.rows import Row, load_rows
from tests.integrations.contract.server import CannedAnswers, Sent, as_transport, served

USED = [pytest.param(row, id=row.name) for row in load_rows() if row.is_used and not row.is_notice]
IN_JSON = [pytest.param(row, id=row.name) for row in load_rows() if row.is_used and isinstance(row.answer, dict)]
FILL = {"{client_id}": CLIENT_ID, "{client_secret}": CLIENT_SECRET, "{refresh_token}": REFRESH_TOKEN}
CANNED = "http://canned.example"


def read(row: Row, answers: CannedAnswers) -> Any:
    with httpx.Client(transport=as_transport(answers)) as http:
        return read_by_client(row, root=CANNED, http=http)


@pytest.mark.parametrize("row", USED)
def test_a_call_sends_the_examples_request_and_reads_its_answer(row: Row) -> None:
    with served(lambda root: CannedAnswers(row, root=root)) as (root, answers), httpx.Client(trust_env=False) as http:
        found = read_by_client(row, root=root, http=http)

    assert answers.unexpected == []
    assert differences_of_request(answers.about_it, row, fill=FILL) == []
    assert missing_values(row.client["reads"], found) == []
    if "pages" in row.client:
        assert [(page.query, continuation(page)) for page in answers.following_pages] == [
            (page["query"], page.get("token", "")) for page in row.client["pages"]
        ]


def continuation(page: Sent) -> str:
    return page.headers.get("ms-continuationtoken", "")


def in_the_other_letter_case(value: Any) -> Any:
    if isinstance(value, dict):
        return {name[:1].swapcase() + name[1:]: in_the_other_letter_case(part) for name, part in value.items()}
    return [in_the_other_letter_case(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("row", USED)
def test_a_byte_order_mark_changes_nothing(row: Row) -> None:
    marked = CannedAnswers(row, root=CANNED, mark=b"\xef\xbb\xbf")

    assert missing_values(row.client["reads"], read(row, marked)) == []


@pytest.mark.parametrize(
    "row", [case for case in IN_JSON if "partner_center" in str(case.id) and "token" not in case.id]
)
def test_partner_center_may_begin_its_names_with_small_letters_or_capitals(row: Row) -> None:
    respelled = CannedAnswers(row, root=CANNED, change=in_the_other_letter_case)

    assert missing_values(row.client["reads"], read(row, respelled)) == []


def parts_of(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every value inside of one."""
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from parts_of(part, (*path, key))


def changed(value: Any, path: tuple[str | int, ...], change: Callable[[Any, str | int], None]) -> Any:
    copied = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1:
        change(copied, path[0])
    else:
        copied[path[0]] = changed(copied[path[0]], path[1:], change)  # type: ignore[index]
    return copied


def leave_out(whole: Any, key: str | int) -> None:
    del whole[key]


def make_null(whole: Any, key: str | int) -> None:
    whole[key] = None


@pytest.mark.parametrize("change", [leave_out, make_null])
@pytest.mark.parametrize("row", IN_JSON)
def test_whatever_is_missing_or_null_never_breaks_a_call(row: Row, change: Callable[[Any, str | int], None]) -> None:
    for path in parts_of(row.answer):
        lessened = Row(**vars(row) | {"answer": changed(row.answer, path, change)})

        read(lessened, CannedAnswers(lessened, root=CANNED))  # a failure of our own kind is read, any other raised


@pytest.mark.parametrize("row", [case for case in USED if case.values[0].leaves_out + case.values[0].is_null])
def test_nothing_is_read_of_what_the_simulator_leaves_out(row: Row) -> None:
    answer = row.answer
    for path in row.leaves_out + row.is_null:
        answer = without(answer, path)
    lessened = Row(**vars(row) | {"answer": answer})

    found = read(lessened, CannedAnswers(lessened, root=CANNED))

    assert answer != row.answer
    assert found == read(row, CannedAnswers(row, root=CANNED))
