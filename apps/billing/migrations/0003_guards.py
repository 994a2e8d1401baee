"""What the database itself refuses of credits, and what it does by itself.

A ledger row gets its number under the wallet's row lock and is folded into the wallet; an allocation is folded into its
lot. Wallets and lots change in no other way. Nothing is deleted or truncated, and no row is changed but for the blanking
of a title.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION canvascast_number_ledger_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last integer;
BEGIN
    INSERT INTO wallets (user_id, available, held, debt, last_seq) VALUES (NEW.user_id, 0, 0, 0, 0)
        ON CONFLICT DO NOTHING;
    SELECT last_seq INTO last FROM wallets WHERE user_id = NEW.user_id FOR UPDATE;
    IF NEW.seq = 0 THEN
        NEW.seq := last + 1;
    ELSIF NEW.seq <> last + 1 THEN
        RAISE EXCEPTION 'ledger row % of user % does not follow row %', NEW.seq, NEW.user_id, last
            USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_ledger_seq_without_gaps';
    END IF;
    IF NEW.kind IN ('FINALIZE', 'RELEASE') AND NOT EXISTS (
        SELECT FROM credit_ledger
        WHERE job_id = NEW.job_id AND kind = 'RESERVE' AND user_id = NEW.user_id AND d_held = -NEW.d_held
    ) THEN
        RAISE EXCEPTION 'settlement of job % is not of what was reserved', NEW.job_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_ledger_settles_reservation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_ledger_number BEFORE INSERT ON credit_ledger
    FOR EACH ROW EXECUTE FUNCTION canvascast_number_ledger_row();

-- After the insert: a row that ON CONFLICT leaves out must not reach the wallet.
CREATE FUNCTION canvascast_fold_ledger_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE wallets SET available = available + NEW.d_available, held = held + NEW.d_held, debt = debt - NEW.d_debt,
        last_seq = NEW.seq
        WHERE user_id = NEW.user_id AND last_seq = NEW.seq - 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger row % of user % is out of order', NEW.seq, NEW.user_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_ledger_seq_without_gaps';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER credit_ledger_fold AFTER INSERT ON credit_ledger
    FOR EACH ROW EXECUTE FUNCTION canvascast_fold_ledger_row();

CREATE FUNCTION canvascast_fold_allocation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE credit_lots SET remaining = remaining - NEW.credits WHERE id = NEW.lot_id;
    RETURN NULL;
END $$;
CREATE TRIGGER lot_allocations_fold AFTER INSERT ON lot_allocations
    FOR EACH ROW EXECUTE FUNCTION canvascast_fold_allocation();

-- The argument names the column that holds the ledger row's id.
CREATE FUNCTION canvascast_compare_row_with_lots() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry uuid := (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
    told integer;
    allocated integer;
BEGIN
    SELECT d_available INTO told FROM credit_ledger WHERE id = entry;
    SELECT coalesce((SELECT sum(credits) FROM credit_lots WHERE entry_id = entry), 0)
        - coalesce((SELECT sum(credits) FROM lot_allocations WHERE entry_id = entry), 0) INTO allocated;
    IF told <> allocated THEN
        RAISE EXCEPTION 'ledger row % moves % credits, its lots %', entry, told, allocated
            USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_ledger_equals_lots';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER credit_ledger_equals_lots AFTER INSERT ON credit_ledger
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION canvascast_compare_row_with_lots('id');
CREATE CONSTRAINT TRIGGER credit_lots_equal_ledger AFTER INSERT ON credit_lots
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION canvascast_compare_row_with_lots('entry_id');
CREATE CONSTRAINT TRIGGER lot_allocations_equal_ledger AFTER INSERT ON lot_allocations
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION canvascast_compare_row_with_lots('entry_id');

CREATE FUNCTION canvascast_refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.title = '' AND to_jsonb(NEW) - 'title' = to_jsonb(OLD) - 'title' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'ledger row % never changes', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_ledger_append_only';
END $$;
CREATE TRIGGER credit_ledger_append_only BEFORE UPDATE ON credit_ledger
    FOR EACH ROW EXECUTE FUNCTION canvascast_refuse_ledger_change();

CREATE FUNCTION canvascast_refuse_credit_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;
CREATE TRIGGER credit_ledger_kept BEFORE DELETE OR TRUNCATE ON credit_ledger
    EXECUTE FUNCTION canvascast_refuse_credit_statement();
CREATE TRIGGER lot_allocations_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON lot_allocations
    EXECUTE FUNCTION canvascast_refuse_credit_statement();
CREATE TRIGGER credit_lots_kept BEFORE DELETE OR TRUNCATE ON credit_lots
    EXECUTE FUNCTION canvascast_refuse_credit_statement();
CREATE TRIGGER wallets_kept BEFORE DELETE OR TRUNCATE ON wallets
    EXECUTE FUNCTION canvascast_refuse_credit_statement();

-- Depth 1 is this very trigger: whoever changes the row did not come through the ledger's or the allocations' trigger.
CREATE FUNCTION canvascast_refuse_direct_fold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION '% changes only with the ledger', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_only_by_ledger';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER wallets_only_by_ledger BEFORE UPDATE ON wallets
    FOR EACH ROW EXECUTE FUNCTION canvascast_refuse_direct_fold();
CREATE TRIGGER wallets_begin_empty BEFORE INSERT ON wallets
    FOR EACH ROW WHEN ((NEW.available, NEW.held, NEW.debt, NEW.last_seq) <> (0, 0, 0, 0))
    EXECUTE FUNCTION canvascast_refuse_direct_fold();
CREATE TRIGGER credit_lots_only_by_ledger BEFORE UPDATE ON credit_lots
    FOR EACH ROW EXECUTE FUNCTION canvascast_refuse_direct_fold();
CREATE TRIGGER credit_lots_begin_full BEFORE INSERT ON credit_lots
    FOR EACH ROW WHEN (NEW.remaining <> NEW.credits) EXECUTE FUNCTION canvascast_refuse_direct_fold();
"""

BACKWARD = """
DROP FUNCTION canvascast_number_ledger_row() CASCADE;
DROP FUNCTION canvascast_fold_ledger_row() CASCADE;
DROP FUNCTION canvascast_fold_allocation() CASCADE;
DROP FUNCTION canvascast_compare_row_with_lots() CASCADE;
DROP FUNCTION canvascast_refuse_ledger_change() CASCADE;
DROP FUNCTION canvascast_refuse_credit_statement() CASCADE;
DROP FUNCTION canvascast_refuse_direct_fold() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_ledger_rules")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
