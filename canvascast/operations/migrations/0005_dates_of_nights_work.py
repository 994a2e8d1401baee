"""When the work of the night was last done, and from when it is missed."""

import django.utils.timezone
from django.db import migrations, models

_NAMES = ("backup", "backup_proven", "reconcile_deep", "prune", "reconcile_payments", "watch_everything")


def add_rows(apps, schema_editor):
    for name in _NAMES:
        apps.get_model("operations", "NightsWork").objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("operations", "0004_check_everything")]
    operations = [
        migrations.CreateModel(
            name="NightsWork",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("expected_since", models.DateTimeField(default=django.utils.timezone.now)),
                ("done_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "nights_work"},
        ),
        migrations.RunPython(add_rows, migrations.RunPython.noop),
    ]
