"""What the `quick` queue does once a day, at three o'clock UTC."""

from datetime import timedelta

from django.db import migrations
from django.utils import timezone

_FUNCTION = "canvascast.operations.periodic.nightly"


def add_schedule(apps, schema_editor):
    three = timezone.now().replace(hour=3, minute=0, second=0, microsecond=0) + timedelta(days=1)
    apps.get_model("django_q", "Schedule").objects.get_or_create(
        name="nightly",
        defaults={"func": _FUNCTION, "schedule_type": "D", "repeats": -1, "cluster": "quick", "next_run": three},
    )


def remove_schedule(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(func=_FUNCTION).delete()


class Migration(migrations.Migration):
    dependencies = [("operations", "0001_schedules")]
    operations = [migrations.RunPython(add_schedule, remove_schedule)]
