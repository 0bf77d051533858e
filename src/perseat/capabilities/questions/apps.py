"""Django's registration of this capability."""

from __future__ import annotations

from django.apps import AppConfig


class QuestionsConfig(AppConfig):
    """Questions as a Django app."""

    name = "perseat.capabilities.questions"
    label = "questions"
    default_auto_field = "django.db.models.BigAutoField"
