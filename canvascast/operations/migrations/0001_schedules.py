"""What the `quick` queue does by the clock."""

from django.db import migrations

_MINUTES = {"canvascast.operations.periodic.tidy": 15, "canvascast.operations.periodic.watch": 5}


def add_schedules(apps, schema_editor):
    for function, minutes in _MINUTES.items():
        apps.get_model("django_q", "Schedule").objects.get_or_create(
            name=function.rpartition(".")[2],
            defaults={"func": function, "schedule_type": "I", "minutes": minutes, "repeats": -1, "cluster": "quick"},
        )


def remove_schedules(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(func__in=_MINUTES).delete()


class Migration(migrations.Migration):
    dependencies = [("django_q", "0018_task_success_index")]
    operations = [migrations.RunPython(add_schedules, remove_schedules)]
