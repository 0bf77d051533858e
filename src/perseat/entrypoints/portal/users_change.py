"""What became of Save changes: person by person, while it goes on and afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from perseat.capabilities.catalog.queries import list_editions
from perseat.capabilities.licensing.queries import ChangeProgress, PersonProgress
from perseat.domain.rights import may_manage_people
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.users_choices import Wanted
from perseat.entrypoints.portal.users_microsoft import are_writes_off, require_manager
from perseat.entrypoints.portal.users_saving import save_licenses
from perseat.journeys.assignment import get_change_of_service

_LABELS = {"waiting": ("Waiting", "wait"), "done": ("Done", "good"), "failed": ("Not done", "bad")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How it ended for one person, in a sentence."""

    person_id: str
    name: str
    label: str
    tone: str
    sentence: str
    is_done: bool


@require_GET
@member_page
def users_change(request: MemberRequest, service_id: int, change_id: UUID) -> HttpResponse:
    """Show the outcomes."""
    return render(request, "users_change.html", _context(request, service_id=service_id, change_id=change_id))


@require_GET
@member_page
def progress(request: MemberRequest, service_id: int, change_id: UUID) -> HttpResponse:
    """Only the part that moves; the page asks for it again while somebody waits."""
    return render(request, "users_change_progress.html", _context(request, service_id=service_id, change_id=change_id))


@require_POST
@member_page
def retry(request: MemberRequest, service_id: int, change_id: UUID) -> HttpResponse:
    """Save the same changes again for those for whom they were not done."""
    require_manager(request, act="change licenses")
    found = get_change_of_service(customer_id=request.member.customer_id, service_id=service_id, change_id=change_id)
    failed = [each.person_id for each in found.people if each.state == "failed"]
    if not failed:
        messages.info(request, "There is nobody left for whom this was not done.")
        return redirect("portal:users-change", service_id, change_id)
    wanted = Wanted(add=found.add, remove=found.remove, country=found.country)
    saved = save_licenses(request, service_id=service_id, person_ids=failed, wanted=wanted, has_agreed=True)
    if saved.change_id is None:
        messages.error(request, saved.problem or " ".join(saved.errors.values()))
    return redirect("portal:users-change", service_id, saved.change_id or change_id)


def _context(request: MemberRequest, *, service_id: int, change_id: UUID) -> dict[str, object]:
    found = get_change_of_service(customer_id=request.member.customer_id, service_id=service_id, change_id=change_id)
    names = {each.directory_sku_id: each.name for each in list_editions()}
    given = [names.get(each, "another license") for each in found.add]
    taken = [names.get(each, "another license") for each in found.remove]
    done = _done_sentence(given, taken)
    writes_are_off = are_writes_off()
    return {
        "service_id": service_id,
        "change": found,
        "given": given,
        "taken": taken,
        "outcomes": [_outcome(each, done=done, writes_are_off=writes_are_off) for each in found.people],
        "is_moving": not found.is_finished and not writes_are_off,
        "percent": round(100 * (found.total - found.waiting) / max(found.total, 1)),
        "heading": _heading(found),
        "may_manage": may_manage_people(request.member.role),
        "writes_are_off": writes_are_off,
    }


def _outcome(person: PersonProgress, *, done: str, writes_are_off: bool) -> Outcome:
    label, tone = _LABELS[person.state]
    is_done = person.state == "done"
    waiting = "" if person.state != "waiting" else _waiting_sentence(person.sentence, writes_are_off=writes_are_off)
    return Outcome(
        person_id=person.person_id,
        name=person.display_name,
        label=label,
        tone=tone,
        sentence=done if is_done else waiting or person.sentence,
        is_done=is_done,
    )


def _waiting_sentence(noted: str, *, writes_are_off: bool) -> str:
    if writes_are_off:
        return "Waits until changes at Microsoft are switched on again."
    return noted or "Waits for its turn."


def _done_sentence(given: list[str], taken: list[str]) -> str:
    parts = [f"{each} given" for each in given] + [f"{each} taken away" for each in taken]
    return f"{', '.join(parts)}."


def _heading(found: ChangeProgress) -> str:
    if not found.is_finished:
        return "Saving changes"
    if not found.failed:
        return "Changes saved"
    return "Changes not saved" if found.failed == found.total else "Changes saved, but not for everybody"
