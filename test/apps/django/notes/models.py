"""The one table."""

from django.db import models


class Note(models.Model):
    """A note."""

    title = models.CharField(max_length=200)
    written = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Oldest first."""

        ordering = ["id"]
