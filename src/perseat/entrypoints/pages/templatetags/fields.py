"""Form controls in the look of the pages; label and error are tied to them by `components/field.html`."""

from __future__ import annotations

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's input, select or checkbox with its classes; wrong input is marked for eyes and screen readers."""
    widget = field.field.widget
    name = "form-control"
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        name = "form-check-input"
    elif isinstance(widget, forms.Select):
        name = "form-select"
    wrong = " is-invalid" if field.errors else ""
    return field.as_widget(attrs={"class": f"{name}{wrong}"})


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether the label stands behind the control."""
    return isinstance(field.field.widget, forms.CheckboxInput)
