"""The check of every five minutes reads what moved lately, and the gauges what Stripe told and nobody handled."""

from django.db import migrations, models

from canvascast.indexes import AddIndexMeanwhile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('billing', '0005_payments'),
    ]

    operations = [
        AddIndexMeanwhile(
            model_name='ledgerentry',
            index=models.Index(fields=['created_at'], name='credit_ledger_by_time'),
        ),
        AddIndexMeanwhile(
            model_name='ledgerentry',
            index=models.Index(condition=models.Q(('job_id__isnull', False)), fields=['job_id'], name='credit_ledger_by_job'),
        ),
        AddIndexMeanwhile(
            model_name='stripeevent',
            index=models.Index(condition=models.Q(('state__in', ['NEW', 'GIVEN_UP'])), fields=['state'], name='stripe_events_unhandled'),
        ),
    ]
