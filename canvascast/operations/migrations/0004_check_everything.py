"""What is asked for every half hour until it was done in a night: everything is held against everything else."""

from datetime import timedelta

from django.db import migrations
from django.utils import timezone

_FUNCTION = "canvascast.operations.periodic.watch_everything"
_MINUTES = 30


def add_schedule(apps, schema_editor):
    every = {"schedule_type": "I", "minutes": _MINUTES, "repeats": -1, "cluster": "quick"}
    first = timezone.now() + timedelta(minutes=_MINUTES)
    apps.get_model("django_q", "Schedule").objects.get_or_create(
        name="watch everything", defaults={"func": _FUNCTION, "next_run": first, **every}
    )


def remove_schedule(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(func=_FUNCTION).delete()


class Migration(migrations.Migration):
    dependencies = [("operations", "0003_nights_work")]
    operations = [migrations.RunPython(add_schedule, remove_schedule)]
