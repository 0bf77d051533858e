"""Forms about a user: adding one, and changing one's facts."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from perseat.entrypoints.portal.forms import country_choices
from perseat.journeys.people import MailDomain, PersonRow, PersonToAdd
from perseat.journeys.people_changes import PersonFacts

_COUNTRY_HELP = "Where the person works. Microsoft gives licenses only to people whose country it knows."
_NO_NAME = {"required": "Please type the name that others will see."}
_CHOOSE_COUNTRY = {"required": "Please choose a country.", "invalid_choice": "Please choose a country from the list."}


class FactsForm(forms.Form):
    """What others see of a person. Lengths are Microsoft's."""

    first_name = forms.CharField(label="First name", max_length=64, required=False)
    last_name = forms.CharField(label="Last name", max_length=64, required=False)
    job_title = forms.CharField(label="Job title", max_length=128, required=False)
    department = forms.CharField(label="Department", max_length=64, required=False)
    display_name = forms.CharField(
        label="Display name", max_length=256, help_text="As others see it.", error_messages=_NO_NAME
    )
    country = forms.ChoiceField(
        label="Country", choices=country_choices, help_text="Where the person works.", error_messages=_CHOOSE_COUNTRY
    )

    def facts(self) -> PersonFacts:
        """What was typed, for the journey."""
        names = PersonFacts.__dataclass_fields__
        return PersonFacts(**{name: str(self.cleaned_data[name]) for name in names})

    @staticmethod
    def initial_of(person: PersonRow, *, country: str) -> dict[str, str]:
        """A person's facts now; `country` for those who have none."""
        facts = {name: str(getattr(person, name)) for name in PersonFacts.__dataclass_fields__}
        return facts | {"country": person.country or country}


class AddForm(forms.Form):
    """A new user: names, the address to sign in with, and where the person works."""

    first_name = forms.CharField(label="First name", max_length=64, required=False)
    last_name = forms.CharField(label="Last name", max_length=64, required=False)
    display_name = forms.CharField(
        label="Display name",
        max_length=256,
        required=False,
        help_text="As others see it. Left empty, it is first and last name.",
    )
    user_name = forms.CharField(
        label="Address, before the @",
        max_length=64,
        help_text="For signing in and for mail.",
        error_messages={"required": "Please type the part of the address before the @."},
    )
    domain = forms.ChoiceField(
        label="Domain, after the @",
        help_text="One of your confirmed domains.",
        error_messages={
            "required": "Please choose one of the domains.",
            "invalid_choice": "Please choose one of the domains.",
        },
    )
    country = forms.ChoiceField(
        label="Country", choices=country_choices, help_text=_COUNTRY_HELP, error_messages=_CHOOSE_COUNTRY
    )
    job_title = forms.CharField(label="Job title", max_length=128, required=False)
    department = forms.CharField(label="Department", max_length=64, required=False)
    form_id = forms.CharField(widget=forms.HiddenInput, max_length=64, min_length=16, required=False)

    def __init__(
        self,
        given: object = None,
        *,
        domains: Sequence[MailDomain],
        typed_domain: str = "",
        initial: dict[str, str] | None = None,
    ) -> None:
        super().__init__(given, initial=initial)  # type: ignore[arg-type]
        names = [each.name for each in domains] or [each for each in (typed_domain,) if each]
        field = self.fields["domain"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the types
        field.choices = [(name, name) for name in names]

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if not str(cleaned.get("display_name", "")).strip() and "display_name" not in self.errors:
            parts = [str(cleaned.get("first_name", "")), str(cleaned.get("last_name", ""))]
            cleaned["display_name"] = " ".join(part for part in parts if part)
            if not cleaned["display_name"]:
                self.add_error("display_name", "Please type a first and last name, or a display name.")
        return cleaned

    def person(self) -> PersonToAdd:
        """What was typed, for the journey."""
        names = PersonToAdd.__dataclass_fields__
        return PersonToAdd(**{name: str(self.cleaned_data[name]) for name in names})
