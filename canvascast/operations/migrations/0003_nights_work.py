"""What the `quick` queue does once a night and may take long: it is asked for every half hour until it was done."""

from datetime import timedelta

from django.db import migrations
from django.utils import timezone

_FUNCTIONS = {
    "prune": "canvascast.operations.periodic.prune_storages",
    "reconcile payments": "canvascast.operations.periodic.reconcile_payments",
}
_MINUTES = 30


def add_schedules(apps, schema_editor):
    first = timezone.now() + timedelta(minutes=_MINUTES)
    for name, function in _FUNCTIONS.items():
        every = {"schedule_type": "I", "minutes": _MINUTES, "repeats": -1, "cluster": "quick", "next_run": first}
        apps.get_model("django_q", "Schedule").objects.get_or_create(name=name, defaults={"func": function, **every})


def remove_schedules(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(func__in=_FUNCTIONS.values()).delete()


class Migration(migrations.Migration):
    dependencies = [("operations", "0002_nightly")]
    operations = [migrations.RunPython(add_schedules, remove_schedules)]
