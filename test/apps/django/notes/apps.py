"""The one application of the project."""

from django.apps import AppConfig


class NotesConfig(AppConfig):
    """Notes, read only."""

    name = "notes"
