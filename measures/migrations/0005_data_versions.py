from django.db import migrations

OF_ALL = ("theme", "actionkind", "unit", "metric", "campaign", "participation")
OF_AN_ORGAN = ("pillar", "action", "activity", "observation", "target", "honour", "evidence")
# rows that tie others together: the columns that lead to what belongs to an organ, and the tables there
TIES = {
    "evidencelink": ("evidence_id", "evidence"),
    "action_joint_organs": ("action_id", "action"),
    "action_counted_metrics": ("action_id", "action"),
    "activity_also_serves": ("activity_id", "activity", "action_id", "action"),
    "observation_actions": ("observation_id", "observation", "action_id", "action"),
    "observation_activities": ("observation_id", "observation", "activity_id", "activity"),
}
TOUCH_TIED = r"""
CREATE FUNCTION measures_touch_tied() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    tied jsonb;
    organ bigint;
BEGIN
    FOREACH tied IN ARRAY ARRAY[to_jsonb(OLD), to_jsonb(NEW)] LOOP
        FOR place IN 0 .. TG_NARGS / 2 - 1 LOOP
            EXECUTE format('SELECT organ_id FROM %I WHERE id = $1', 'measures_' || TG_ARGV[2 * place + 1])
                INTO organ USING (tied ->> TG_ARGV[2 * place])::bigint;
            PERFORM organs_touch(organ);
        END LOOP;
    END LOOP;
    RETURN NULL;
END $$;
"""


def trigger(table: str, function: str) -> migrations.RunSQL:
    """A trigger on a table of this app that runs the function for every row that comes, changes or goes."""
    return migrations.RunSQL(
        f"CREATE TRIGGER measures_{table}_touch AFTER INSERT OR UPDATE OR DELETE ON measures_{table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}",
        f"DROP TRIGGER measures_{table}_touch ON measures_{table}",
    )


class Migration(migrations.Migration):
    """Every change of a row leaves a mark on its organ."""

    dependencies = [
        ("organs", "0005_data_versions"),
        ("measures", "0004_line_withdraw_and_retract"),
    ]

    operations = [
        *(trigger(table, "organs_touch_all('0')") for table in OF_ALL),
        *(trigger(table, "organs_touch_own()") for table in OF_AN_ORGAN),
        migrations.RunSQL(TOUCH_TIED, "DROP FUNCTION measures_touch_tied()"),
        *(
            trigger(table, f"measures_touch_tied({', '.join(map(repr, tied))})")
            for table, tied in TIES.items()
        ),
    ]
