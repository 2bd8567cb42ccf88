"""Creates the table and fills it with thirty notes."""

from django.db import migrations, models


def write_notes(apps, schema_editor):
    """Thirty rows to list."""
    note = apps.get_model("notes", "Note")
    note.objects.bulk_create(note(title=f"Note {number}") for number in range(1, 31))


class Migration(migrations.Migration):
    """The first and only one."""

    initial = True
    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("title", models.CharField(max_length=200)),
                ("written", models.DateTimeField(auto_now_add=True)),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.RunPython(write_notes, migrations.RunPython.noop),
    ]
