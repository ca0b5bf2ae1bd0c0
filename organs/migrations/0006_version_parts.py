from django.db import migrations, models

TOUCH = r"""
DROP FUNCTION organs_touch(bigint[]);
CREATE FUNCTION organs_touch(touched text, VARIADIC organs bigint[]) RETURNS void LANGUAGE sql AS $$
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
CREATE OR REPLACE FUNCTION organs_touch_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM organs_touch(TG_TABLE_NAME::text, TG_ARGV[0]::bigint);
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION organs_touch_own() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""
NOT_TOUCH = r"""
DROP FUNCTION organs_touch(text, bigint[]);
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
CREATE OR REPLACE FUNCTION organs_touch_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM organs_touch(TG_ARGV[0]::bigint);
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION organs_touch_own() RETURNS trigger LANGUAGE plpgsql AS $$
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


class Migration(migrations.Migration):
    """A mark says in which table something has changed: the rest of what is kept of an organ stays of use."""

    dependencies = [
        ("organs", "0005_data_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="organversion",
            name="part",
            field=models.CharField(default="", max_length=63, verbose_name="数据表"),
            preserve_default=False,
        ),
        # the one for ties follows in the migration of its app; until then nothing ties rows together
        migrations.RunSQL(TOUCH, NOT_TOUCH),
    ]
