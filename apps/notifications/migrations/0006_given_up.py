"""The gauges read the mails that were given up, and not all there ever were."""

from django.db import migrations, models

from canvascast.indexes import AddIndexMeanwhile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('notifications', '0005_webhooks'),
    ]

    operations = [
        AddIndexMeanwhile(
            model_name='notification',
            index=models.Index(condition=models.Q(('state', 'GIVEN_UP')), fields=['created_at'], name='notifications_given_up'),
        ),
    ]
