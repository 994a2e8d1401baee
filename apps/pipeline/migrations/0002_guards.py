"""What the database itself refuses: a terminal job changing, a fence falling, an artifact being rewritten."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION canvascast_refuse_terminal_job_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('READY', 'FAILED', 'CANCELED') THEN
        RAISE EXCEPTION 'job % is finished', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_terminal_never_changes';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_terminal_never_changes BEFORE UPDATE ON jobs
    FOR EACH ROW EXECUTE FUNCTION canvascast_refuse_terminal_job_change();

CREATE FUNCTION canvascast_refuse_falling_fence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.fence < OLD.fence THEN
        RAISE EXCEPTION 'fence of step % fell', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'job_steps_fence_never_falls';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER job_steps_fence_never_falls BEFORE UPDATE ON job_steps
    FOR EACH ROW EXECUTE FUNCTION canvascast_refuse_falling_fence();

CREATE FUNCTION canvascast_refuse_artifact_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'artifact % is immutable', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'artifacts_never_change';
END $$;
CREATE TRIGGER artifacts_never_change BEFORE UPDATE ON artifacts
    FOR EACH ROW EXECUTE FUNCTION canvascast_refuse_artifact_change();
"""

BACKWARD = """
DROP TRIGGER artifacts_never_change ON artifacts;
DROP FUNCTION canvascast_refuse_artifact_change();
DROP TRIGGER job_steps_fence_never_falls ON job_steps;
DROP FUNCTION canvascast_refuse_falling_fence();
DROP TRIGGER jobs_terminal_never_changes ON jobs;
DROP FUNCTION canvascast_refuse_terminal_job_change();
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
