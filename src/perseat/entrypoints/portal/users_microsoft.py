"""What the pages about people say when Microsoft says no, says nothing, or may not be written to."""

from __future__ import annotations

from perseat import wiring
from perseat.capabilities.accounts.queries import NotAllowed
from perseat.domain.rights import may_manage_people
from perseat.entrypoints.portal.access import MemberRequest
from perseat.ports.failures import CredentialsRefused, OutsideFailure, Refused, Unanswered

WRITES_ARE_OFF = "Changes at Microsoft are switched off here at the moment, so nothing was changed."
_SILENT = "Microsoft does not answer right now. Nothing is lost: please try again in a minute."
_LOCKED_OUT = (
    "Microsoft does not let us do this in your tenant: our permission has run out, or the user is an administrator "
    "whom we may not change. Please ask us to look into it."
)


def sentence_for(failure: OutsideFailure) -> str:
    """What happened, in plain words with the way out."""
    match failure:
        case Refused():
            return failure.sentence
        case Unanswered():
            return _SILENT
        case CredentialsRefused():
            return _LOCKED_OUT
        case _:
            return WRITES_ARE_OFF


def are_writes_off() -> bool:
    """Whether PERSEAT_SUPPLIER_WRITES says that nothing is changed at Microsoft."""
    return not wiring.get_outside().supplier_writes


def require_manager(request: MemberRequest, *, act: str) -> None:
    """:raises NotAllowed: for those who may only look; `act` in the infinitive ("add users")."""
    if not may_manage_people(request.member.role):
        raise NotAllowed(act)
