"""A finished job and an artifact may be erased: their texts blanked and nothing else changed."""

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION canvascast_refuse_terminal_job_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('READY', 'FAILED', 'CANCELED')
        AND NOT (NEW.brief = '{"erased": true}'::jsonb AND NEW.error_message = ''
            AND to_jsonb(NEW) - '{brief,error_message,status_message}'::text[]
              = to_jsonb(OLD) - '{brief,error_message,status_message}'::text[])
    THEN
        RAISE EXCEPTION 'job % is finished', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_terminal_never_changes';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION canvascast_refuse_artifact_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (NEW.payload = '{"erased": true}'::jsonb AND to_jsonb(NEW) - 'payload' = to_jsonb(OLD) - 'payload') THEN
        RAISE EXCEPTION 'artifact % is immutable', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'artifacts_never_change';
    END IF;
    RETURN NEW;
END $$;
"""

BACKWARD = """
CREATE OR REPLACE FUNCTION canvascast_refuse_terminal_job_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('READY', 'FAILED', 'CANCELED') THEN
        RAISE EXCEPTION 'job % is finished', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_terminal_never_changes';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION canvascast_refuse_artifact_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'artifact % is immutable', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'artifacts_never_change';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0003_credits_and_voice_profiles")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
