"""Problems: every refusal as {code, sentence, field?}, whatever went wrong, and the status that goes with it."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from perseat.capabilities.accounts.queries import NotAllowed
from perseat.capabilities.customers.api_replies import KeyUsedOtherwise, StillAnswering
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.domain.quote import EditionUnknown, SeatsNotCountable
from perseat.entrypoints.api.shapes import Shape
from perseat.journeys.assignment import (
    LicenseUnknown,
    NobodyChosen,
    NotEnoughSeats,
    NothingToChange,
    TooManyChosen,
)
from perseat.journeys.checkout import OpenOrderExists, PaymentMethodNotOffered
from perseat.journeys.parking import ServiceIsParked
from perseat.journeys.people_choice import PeopleNotUsable, SeatsInUse
from perseat.journeys.seat_change import (
    AccountNotApproved,
    AgreementMissing,
    NothingWouldChange,
    SeatsComeBack,
    SeatsOutOfRange,
    ServiceNotBegun,
)
from perseat.journeys.withdrawal import OrderCannotBeWithdrawn
from perseat.ports.failures import CredentialsRefused, NotFound, Refused, Unanswered, WritesAreOff

_NOTHING_HERE = "There is nothing here under this address, or it is not yours."


class Problem(Shape):
    """What is wrong: `code` for programs, `sentence` for people, `field` where it is one."""

    code: str
    sentence: str
    field: str | None = None


class OpenOrderProblem(Problem):
    """Another order of the service awaits payment."""

    order_id: int


class RequestRefused(Exception):
    """The request cannot be answered as it is."""

    def __init__(self, status: int, *, code: str, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.problem = Problem(code=code, sentence=sentence, field=field)


def problem_reply(status: int, problem: Problem) -> HttpResponse:
    """A problem as JSON; `field` is left out where there is none."""
    left_out = {"field"} if problem.field is None else None
    body = problem.model_dump_json(exclude=left_out)
    response = HttpResponse(body, status=status, content_type="application/json")
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Perseat"'
    if status == 503:
        response.headers["Retry-After"] = "30"
    return response


def nothing_here() -> HttpResponse:
    """404, the same for what does not exist and for what is somebody else's."""
    return problem_reply(404, Problem(code="not_found", sentence=_NOTHING_HERE))


def reply_to(error: Exception) -> HttpResponse:
    """The answer to a refusal of a journey or of this door. :raises KeyError: for anything else."""
    for kind in type(error).__mro__:
        if kind in _ANSWERS:
            return _ANSWERS[kind](error)
    raise KeyError(type(error))


def answer_problems(api: NinjaAPI) -> None:
    """Let every refusal that is known here be answered as a problem."""
    for kind in _ANSWERS:
        api.add_exception_handler(kind, _handle)


def _handle(_request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, Exception)  # noqa: S101 - the framework's type is wider than what it hands over
    return reply_to(error)


def _told(status: int, code: str, field: str | None = None) -> Callable[[Exception], HttpResponse]:
    """The error's own sentence."""

    def answer(error: Exception) -> HttpResponse:
        sentence = str(getattr(error, "sentence", "") or error)
        return problem_reply(status, Problem(code=code, sentence=sentence, field=field))

    return answer


def _refused(error: Exception) -> HttpResponse:
    assert isinstance(error, RequestRefused)  # noqa: S101
    return problem_reply(error.status, error.problem)


def _field_of(error: Exception) -> HttpResponse:
    edition = getattr(error, "code", "") or getattr(error, "edition", "")
    return problem_reply(422, Problem(code="total_not_usable", sentence=str(error), field=f"wanted.{edition}"))


def _people(error: Exception) -> HttpResponse:
    assert isinstance(error, PeopleNotUsable)  # noqa: S101
    return problem_reply(422, Problem(code="people_not_usable", sentence=str(error), field=error.field))


def _open_order(error: Exception) -> HttpResponse:
    assert isinstance(error, OpenOrderExists)  # noqa: S101
    return problem_reply(409, OpenOrderProblem(code="open_order_exists", sentence=str(error), order_id=error.order_id))


def _not_valid(error: Exception) -> HttpResponse:
    """The first thing that does not fit the shape of the request."""
    assert isinstance(error, ValidationError)  # noqa: S101
    first = error.errors[0]
    source, *path = (str(part) for part in first["loc"])
    names = path[1:] if source == "body" else path
    field = ".".join(names) or source
    sentence = f"{field}: {first['msg']}."
    code = "field_unknown" if first["type"] == "extra_forbidden" else "field_not_usable"
    return problem_reply(422, Problem(code=code, sentence=sentence, field=field))


_ANSWERS: dict[type[Exception], Callable[[Exception], HttpResponse]] = {
    RequestRefused: _refused,
    ValidationError: _not_valid,
    Http404: lambda _: nothing_here(),
    DoesNotBelong: lambda _: nothing_here(),
    NotFound: lambda _: nothing_here(),
    NotAllowed: _told(403, "not_allowed"),
    RequestDataTooBig: lambda _: too_long(),
    SuspiciousOperation: _told(400, "request_not_usable"),
    SeatsOutOfRange: _field_of,
    EditionUnknown: _field_of,
    SeatsNotCountable: _field_of,
    SeatsInUse: _field_of,
    PeopleNotUsable: _people,
    NothingWouldChange: _told(422, "nothing_would_change", "wanted"),
    ServiceNotBegun: _told(409, "service_not_begun"),
    SeatsComeBack: _told(409, "seats_come_back", "wanted"),
    AgreementMissing: _told(409, "agreement_missing"),
    AccountNotApproved: _told(409, "account_not_approved"),
    ServiceIsParked: _told(409, "service_is_parked"),
    OpenOrderExists: _open_order,
    PaymentMethodNotOffered: _told(422, "payment_method_not_offered", "payment_method"),
    OrderCannotBeWithdrawn: _told(409, "order_cannot_be_withdrawn"),
    NobodyChosen: _told(422, "nobody_chosen", "people"),
    TooManyChosen: _told(422, "too_many_chosen", "people"),
    NothingToChange: _told(422, "nothing_to_change", "add"),
    LicenseUnknown: _told(422, "license_not_usable", "add"),
    NotEnoughSeats: _told(409, "not_enough_seats"),
    KeyUsedOtherwise: _told(422, "key_used_otherwise", "Idempotency-Key"),
    StillAnswering: _told(409, "still_answering"),
    Refused: _told(422, "microsoft_refused"),
    Unanswered: _told(503, "microsoft_is_silent"),
    CredentialsRefused: _told(503, "microsoft_lets_us_not_in"),
    WritesAreOff: lambda _: problem_reply(
        503, Problem(code="microsoft_is_read_only", sentence="Changes at Microsoft are switched off at the moment.")
    ),
}
KNOWN: tuple[type[Exception], ...] = tuple(_ANSWERS)


def too_long() -> HttpResponse:
    """413."""
    return problem_reply(413, Problem(code="body_too_long", sentence="The body is longer than 64 KiB."))
