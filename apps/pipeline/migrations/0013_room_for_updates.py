from django.db import migrations

_ROOM = """
    ALTER TABLE job_steps SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
    ALTER TABLE jobs SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)
"""
_NO_ROOM = """
    ALTER TABLE job_steps RESET (fillfactor, autovacuum_vacuum_scale_factor);
    ALTER TABLE jobs RESET (fillfactor, autovacuum_vacuum_scale_factor)
"""


class Migration(migrations.Migration):
    """Rows that are renewed while they are worked on find room on their own page, and leave the indexes alone."""

    dependencies = [("pipeline", "0012_worker_services")]

    operations = [migrations.RunSQL(_ROOM, _NO_ROOM)]
