from django.db import migrations

# In PL/pgSQL instead of SQL, so that a connection plans it once and not in every statement.
TOUCH = r"""
CREATE OR REPLACE FUNCTION organs_touch(touched text, VARIADIC organs bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF organs = '{}' THEN
        RETURN;
    END IF;
    DELETE FROM organs_organversion WHERE mark IN (
        SELECT mark FROM organs_organversion
        WHERE organ_id = ANY(organs) AND part = touched AND (
            transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
            OR transaction = pg_current_xact_id()::text::bigint)
        FOR UPDATE SKIP LOCKED);
    INSERT INTO organs_organversion (organ_id, part, transaction)
        SELECT DISTINCT organ, touched, pg_current_xact_id()::text::bigint FROM unnest(organs) AS organ
        WHERE organ IS NOT NULL;
END $$;
"""
NOT_TOUCH = r"""
CREATE OR REPLACE FUNCTION organs_touch(touched text, VARIADIC organs bigint[]) RETURNS void LANGUAGE sql AS $$
    DELETE FROM organs_organversion WHERE mark IN (
        SELECT mark FROM organs_organversion
        WHERE organ_id = ANY(organs) AND part = touched AND (
            transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
            OR transaction = pg_current_xact_id()::text::bigint)
        FOR UPDATE SKIP LOCKED);
    INSERT INTO organs_organversion (organ_id, part, transaction)
        SELECT DISTINCT organ, touched, pg_current_xact_id()::text::bigint FROM unnest(organs) AS organ
        WHERE organ IS NOT NULL;
$$;
"""
# For triggers of statements, which hand over all their rows as "changed" and, if they update, the old ones as "before".
MARK = r"""
CREATE FUNCTION organs_mark_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM changed) THEN
        PERFORM organs_touch(TG_TABLE_NAME::text, TG_ARGV[0]::bigint);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION organs_mark_own() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    organs bigint[] := ARRAY(SELECT DISTINCT organ_id FROM changed);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        organs := organs || ARRAY(SELECT DISTINCT organ_id FROM before);
    END IF;
    PERFORM organs_touch(TG_TABLE_NAME::text, VARIADIC organs);
    RETURN NULL;
END $$;
"""
NOT_MARK = """
DROP FUNCTION organs_mark_own();
DROP FUNCTION organs_mark_all();
"""
# Accounts keep theirs for each row: only there a list of columns can stand, and signing in must leave no mark.
TABLES = {"organs_organ": 0, "organs_organsuccession": 0, "organs_membership": -1}
ROWS = {
    "insert": "NEW TABLE AS changed",
    "update": "OLD TABLE AS before NEW TABLE AS changed",
    "delete": "OLD TABLE AS changed",
}


def by_statement(table: str, organ: int) -> migrations.RunSQL:
    """Triggers on a table that run once for a statement, in place of the one for each row."""
    return migrations.RunSQL(
        [
            f"DROP TRIGGER {table}_touch ON {table}",
            *(
                f"CREATE TRIGGER {table}_{event}_touch AFTER {event} ON {table} REFERENCING {rows}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION organs_mark_all('{organ}')"
                for event, rows in ROWS.items()
            ),
        ],
        [
            *(f"DROP TRIGGER {table}_{event}_touch ON {table}" for event in ROWS),
            f"CREATE TRIGGER {table}_touch AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION organs_touch_all('{organ}')",
        ],
    )


class Migration(migrations.Migration):
    """A statement leaves its marks once, however many rows it changes."""

    dependencies = [
        ("organs", "0011_office_email"),
    ]

    operations = [
        migrations.RunSQL(TOUCH, NOT_TOUCH),
        migrations.RunSQL(MARK, NOT_MARK),
        *(by_statement(table, organ) for table, organ in TABLES.items()),
    ]
