"""The first staff page sums what came and went back by day, over one week."""

from django.db import migrations, models

from canvascast.indexes import AddIndexMeanwhile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('billing', '0006_bounded_looks'),
    ]

    operations = [
        AddIndexMeanwhile(
            model_name='payment',
            index=models.Index(fields=['paid_at'], name='payments_by_time'),
        ),
        AddIndexMeanwhile(
            model_name='reversal',
            index=models.Index(fields=['created_at'], name='payment_reversals_by_time'),
        ),
    ]
