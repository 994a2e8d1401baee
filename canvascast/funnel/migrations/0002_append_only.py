"""What the database refuses of facts: to change one, to empty the table, to delete one that is young.

Whoever deletes says in the transaction how many days are kept (`canvascast.funnel_days`, at least 30), and the table lets
go only of what is older.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION canvascast_keep_fact() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    days integer := nullif(current_setting('canvascast.funnel_days', true), '')::integer;
BEGIN
    IF TG_OP = 'DELETE' AND days >= 30 AND OLD.at < now() - make_interval(days => days) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% of fact % is refused', TG_OP, OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'funnel_facts_append_only';
END $$;
CREATE TRIGGER funnel_facts_append_only BEFORE UPDATE OR DELETE ON funnel_facts
    FOR EACH ROW EXECUTE FUNCTION canvascast_keep_fact();

CREATE FUNCTION canvascast_refuse_emptying_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'funnel_facts_append_only';
END $$;
CREATE TRIGGER funnel_facts_kept BEFORE TRUNCATE ON funnel_facts EXECUTE FUNCTION canvascast_refuse_emptying_facts();
"""

BACKWARD = "DROP FUNCTION canvascast_keep_fact() CASCADE; DROP FUNCTION canvascast_refuse_emptying_facts() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("funnel", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
