from django.db import migrations

TOUCH = r"""
CREATE OR REPLACE FUNCTION measures_touch_tied() RETURNS trigger LANGUAGE plpgsql AS $$
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
BEFORE = TOUCH.replace("organs_touch(TG_TABLE_NAME::text, organ)", "organs_touch(organ)")


class Migration(migrations.Migration):
    """What ties rows together names its table in its marks, too."""

    dependencies = [
        ("organs", "0006_version_parts"),
        ("measures", "0005_data_versions"),
    ]

    operations = [
        migrations.RunSQL(TOUCH, BEFORE),
    ]
