from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('drafts', '0002_one_draft_a_token'),
    ]

    operations = [
        migrations.AddField(
            model_name='draftprompt',
            name='ordered_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
