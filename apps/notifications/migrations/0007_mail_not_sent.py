from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0006_given_up'),
    ]

    operations = [
        migrations.AlterField(
            model_name='mailevent',
            name='kind',
            field=models.CharField(choices=[('delivered', 'Delivered'), ('delayed', 'Delayed'), ('bounced', 'Bounced'), ('complained', 'Complained'), ('failed', 'Failed'), ('suppressed', 'Suppressed')], max_length=12),
        ),
        migrations.AlterField(
            model_name='suppressedmailbox',
            name='reason',
            field=models.CharField(choices=[('bounced', 'Bounced'), ('complained', 'Complained'), ('suppressed', 'Suppressed')], max_length=12),
        ),
    ]
