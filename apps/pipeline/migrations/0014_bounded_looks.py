"""The gate reads the newest calls of a vendor, and the gauges the newest videos, however many there were."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from canvascast.indexes import AddIndexMeanwhile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('pipeline', '0013_room_for_updates'),
    ]

    operations = [
        AddIndexMeanwhile(
            model_name='job',
            index=models.Index(condition=models.Q(('finished_at__isnull', False)), fields=['finished_at'], name='jobs_finished'),
        ),
        AddIndexMeanwhile(
            model_name='providercall',
            index=models.Index(condition=models.Q(('state__in', ['ok', 'failed'])), fields=['provider', '-finished_at'], name='provider_calls_ended'),
        ),
        AddIndexMeanwhile(
            model_name='providercall',
            index=models.Index(condition=models.Q(('cost_micro_usd__gt', 0)), fields=['started_at'], include=('provider', 'cost_micro_usd'), name='provider_calls_costs'),
        ),
        RemoveIndexConcurrently(
            model_name='providercall',
            name='provider_calls_paid',
        ),
    ]
