"""The table behind settings.CACHES, as createcachetable would make it."""

from django.db import migrations

CREATE = """
CREATE TABLE IF NOT EXISTS shared_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX IF NOT EXISTS shared_cache_expires ON shared_cache (expires);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_profile_apikey'),
    ]

    operations = [
        migrations.RunSQL(CREATE, "DROP TABLE IF EXISTS shared_cache;"),
    ]
