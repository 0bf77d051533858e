"""Staff: who works in the back office, and as what."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from perseat.capabilities.accounts.actions import AlreadyStaff, LastAdministrator, change_staff_role
from perseat.capabilities.accounts.queries import list_staff
from perseat.domain.rights import StaffRole
from perseat.entrypoints.backoffice.access import StaffRequest, administrator_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.entrypoints.backoffice.forms import StaffForm
from perseat.entrypoints.backoffice.labels import STAFF_ROLES
from perseat.journeys.welcome import add_staff


@administrator_page
def staff(request: StaffRequest) -> HttpResponse:
    """List the staff; add a person."""
    form = StaffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].lower()
        try:
            person = add_staff(
                email,
                role=StaffRole(form.cleaned_data["role"]),
                user_id=request.staff.user_id,
                now=present_moment(),
            )
        except AlreadyStaff:
            form.add_error("email", f"{email} works here already.")
        else:
            link = "" if person.has_password else " A link to choose a password is on its way."
            messages.success(request, f"{email} may now work in the back office.{link}")
            return redirect("office:staff")
    context = {
        "form": form,
        "rows": [(each, STAFF_ROLES[each.role], each.user_id == request.staff.user_id) for each in list_staff()],
        "roles": [(role.value, label) for role, label in STAFF_ROLES.items()],
    }
    return render(request, "office/staff.html", context, status=422 if form.errors else 200)


@require_POST
@administrator_page
def change_role(request: StaffRequest, user_id: int) -> HttpResponse:
    """Give another role, or take the back office away."""
    try:
        role = StaffRole(request.POST.get("role", ""))
        change_staff_role(user_id, role=role, user_id=request.staff.user_id, now=present_moment())
    except ValueError:
        messages.error(request, "Choose one of the roles.")
    except LastAdministrator as refusal:
        messages.error(request, f"{refusal} is the only administrator. Make somebody else one first.")
    except LookupError:
        raise Http404 from None
    else:
        messages.success(request, "Saved.")
    return redirect("office:staff")
