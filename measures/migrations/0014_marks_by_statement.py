from django.db import migrations

# By table: what marks for each row, and what marks for each statement.
OF_ALL = ("organs_touch_all('0')", "organs_mark_all('0')")
OF_AN_ORGAN = ("organs_touch_own()", "organs_mark_own()")
TABLES = {
    **dict.fromkeys(("theme", "actionkind", "unit", "metric", "campaign", "participation"), OF_ALL),
    **dict.fromkeys(("pillar", "action", "activity", "observation", "target", "honour"), OF_AN_ORGAN),
    **dict.fromkeys(("evidence", "instruction"), OF_AN_ORGAN),
}
# rows that tie others together: the columns that lead to what belongs to an organ, and the tables there
TIES = {
    "evidencelink": ("evidence_id", "evidence"),
    "milestone": ("action_id", "action"),
    "action_joint_organs": ("action_id", "action"),
    "action_counted_metrics": ("action_id", "action"),
    "activity_also_serves": ("activity_id", "activity", "action_id", "action"),
    "observation_actions": ("observation_id", "observation", "action_id", "action"),
    "observation_activities": ("observation_id", "observation", "activity_id", "activity"),
}
# A tied row that is gone by then has no organ left to mark: what took it away has marked its own table.
MARK_TIED = r"""
CREATE FUNCTION measures_mark_tied() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ends text;
    found bigint[];
    organs bigint[] := '{}';
BEGIN
    FOR place IN 0 .. TG_NARGS / 2 - 1 LOOP
        ends := format('SELECT %I FROM changed', TG_ARGV[2 * place]);
        IF TG_OP = 'UPDATE' THEN
            ends := ends || format(' UNION SELECT %I FROM before', TG_ARGV[2 * place]);
        END IF;
        EXECUTE format('SELECT ARRAY(SELECT DISTINCT organ_id FROM %I WHERE id IN (%s))',
            'measures_' || TG_ARGV[2 * place + 1], ends) INTO found;
        organs := organs || found;
    END LOOP;
    PERFORM organs_touch(TG_TABLE_NAME::text, VARIADIC organs);
    RETURN NULL;
END $$;
"""
# Nothing runs for each row any more, except for accounts.
NOT_TOUCH = """
DROP FUNCTION measures_touch_tied();
DROP FUNCTION organs_touch_own();
"""
TOUCH = r"""
CREATE FUNCTION organs_touch_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM organs_touch(TG_TABLE_NAME::text, NEW.organ_id);
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM organs_touch(TG_TABLE_NAME::text, OLD.organ_id);
    ELSE
        PERFORM organs_touch(TG_TABLE_NAME::text, OLD.organ_id, NEW.organ_id);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION measures_touch_tied() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    tied jsonb;
    organ bigint;
BEGIN
    FOREACH tied IN ARRAY ARRAY[to_jsonb(OLD), to_jsonb(NEW)] LOOP
        FOR place IN 0 .. TG_NARGS / 2 - 1 LOOP
            EXECUTE format('SELECT organ_id FROM %I WHERE id = $1', 'measures_' || TG_ARGV[2 * place + 1])
                INTO organ USING (tied ->> TG_ARGV[2 * place])::bigint;
            PERFORM organs_touch(TG_TABLE_NAME::text, organ);
        END LOOP;
    END LOOP;
    RETURN NULL;
END $$;
"""
ROWS = {
    "insert": "NEW TABLE AS changed",
    "update": "OLD TABLE AS before NEW TABLE AS changed",
    "delete": "OLD TABLE AS changed",
}


def by_statement(table: str, for_row: str, for_statement: str) -> migrations.RunSQL:
    """Triggers on a table of this app that run once for a statement, in place of the one for each row."""
    table = f"measures_{table}"
    return migrations.RunSQL(
        [
            f"DROP TRIGGER {table}_touch ON {table}",
            *(
                f"CREATE TRIGGER {table}_{event}_touch AFTER {event} ON {table} REFERENCING {rows}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {for_statement}"
                for event, rows in ROWS.items()
            ),
        ],
        [
            *(f"DROP TRIGGER {table}_{event}_touch ON {table}" for event in ROWS),
            f"CREATE TRIGGER {table}_touch AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {for_row}",
        ],
    )


def by_statement_tied(table: str, places: tuple[str, ...]) -> migrations.RunSQL:
    """The same for a table whose rows tie others together."""
    arguments = ", ".join(map(repr, places))
    return by_statement(table, f"measures_touch_tied({arguments})", f"measures_mark_tied({arguments})")


class Migration(migrations.Migration):
    """A statement leaves its marks once, however many rows it changes."""

    dependencies = [
        ("organs", "0012_marks_by_statement"),
        ("measures", "0013_list_orders"),
    ]

    operations = [
        migrations.RunSQL(MARK_TIED, "DROP FUNCTION measures_mark_tied()"),
        *(by_statement(table, *functions) for table, functions in TABLES.items()),
        *(by_statement_tied(table, places) for table, places in TIES.items()),
        migrations.RunSQL(NOT_TOUCH, TOUCH),
    ]
