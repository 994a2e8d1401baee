"""The gate reads what the tries at a video have cost since it was last ready, however many there were before."""

from django.db import migrations, models

from canvascast.indexes import AddIndexMeanwhile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('pipeline', '0016_files_left'),
    ]

    operations = [
        AddIndexMeanwhile(
            model_name='job',
            index=models.Index(fields=['project', '-created_at'], name='jobs_by_project'),
        ),
    ]
