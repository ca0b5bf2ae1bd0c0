from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models

# The marks of running transactions stay: whoever left them may yet be the one that is seen. What is held by another
# is left to it (SKIP LOCKED), so writers of one organ do not wait for each other.
TOUCH = r"""
CREATE FUNCTION organs_touch(VARIADIC organs bigint[]) RETURNS void LANGUAGE sql AS $$
    DELETE FROM organs_organversion WHERE mark IN (
        SELECT mark FROM organs_organversion
        WHERE organ_id = ANY(organs) AND (
            transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
            OR transaction = pg_current_xact_id()::text::bigint)
        FOR UPDATE SKIP LOCKED);
    INSERT INTO organs_organversion (organ_id, transaction)
        SELECT DISTINCT organ, pg_current_xact_id()::text::bigint FROM unnest(organs) AS organ
        WHERE organ IS NOT NULL;
$$;
CREATE FUNCTION organs_touch_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM organs_touch(TG_ARGV[0]::bigint);
    RETURN NULL;
END $$;
CREATE FUNCTION organs_touch_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM organs_touch(NEW.organ_id);
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM organs_touch(OLD.organ_id);
    ELSE
        PERFORM organs_touch(OLD.organ_id, NEW.organ_id);
    END IF;
    RETURN NULL;
END $$;
"""
NOT_TOUCH = """
DROP FUNCTION organs_touch_own();
DROP FUNCTION organs_touch_all();
DROP FUNCTION organs_touch(bigint[]);
"""
# 0: what belongs to all; -1: who holds which office
TRIGGERS = """
CREATE TRIGGER organs_organ_touch AFTER INSERT OR UPDATE OR DELETE ON organs_organ
    FOR EACH ROW EXECUTE FUNCTION organs_touch_all('0');
CREATE TRIGGER organs_organsuccession_touch AFTER INSERT OR UPDATE OR DELETE ON organs_organsuccession
    FOR EACH ROW EXECUTE FUNCTION organs_touch_all('0');
CREATE TRIGGER organs_membership_touch AFTER INSERT OR UPDATE OR DELETE ON organs_membership
    FOR EACH ROW EXECUTE FUNCTION organs_touch_all('-1');
CREATE TRIGGER organs_user_touch AFTER UPDATE OF username, name, post, is_active, is_superuser ON organs_user
    FOR EACH ROW EXECUTE FUNCTION organs_touch_all('-1');
"""
NOT_TRIGGERS = """
DROP TRIGGER organs_user_touch ON organs_user;
DROP TRIGGER organs_membership_touch ON organs_membership;
DROP TRIGGER organs_organsuccession_touch ON organs_organsuccession;
DROP TRIGGER organs_organ_touch ON organs_organ;
"""


class Migration(migrations.Migration):
    """Marks of what has changed since a page was reckoned."""

    dependencies = [
        ("organs", "0004_trail_chain"),
    ]

    operations = [
        migrations.CreateModel(
            name="OrganVersion",
            fields=[
                (
                    "mark",
                    models.UUIDField(
                        db_default=RandomUUID(), primary_key=True, serialize=False, verbose_name="标记"
                    ),
                ),
                ("organ_id", models.BigIntegerField(db_index=True, verbose_name="单位编号")),
                ("transaction", models.BigIntegerField(verbose_name="事务编号")),
            ],
            options={
                "verbose_name": "数据版本",
                "verbose_name_plural": "数据版本",
            },
        ),
        migrations.RunSQL(TOUCH, NOT_TOUCH),
        migrations.RunSQL(TRIGGERS, NOT_TRIGGERS),
    ]
