"""Who has a plan is shown the price and credits that they signed up for, whatever the table says since."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0007_money_by_time'),
    ]

    operations = [
        migrations.AddField(
            model_name='subscription',
            name='price_id',
            field=models.CharField(blank=True, db_default='', help_text='price_… that is paid; empty where Stripe told it before', max_length=64),
        ),
    ]
