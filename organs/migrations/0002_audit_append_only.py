from django.db import migrations

REFUSE = """
CREATE FUNCTION organs_auditevent_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER organs_auditevent_append_only BEFORE UPDATE OR DELETE ON organs_auditevent
    FOR EACH ROW EXECUTE FUNCTION organs_auditevent_append_only();
"""
ALLOW = """
DROP TRIGGER organs_auditevent_append_only ON organs_auditevent;
DROP FUNCTION organs_auditevent_append_only();
"""


class Migration(migrations.Migration):
    """The database itself refuses to change or remove an audit event."""

    dependencies = [("organs", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
