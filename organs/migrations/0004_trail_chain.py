import django.db.models.deletion
from django.db import migrations, models

from organs.chain import chain_of, digest

# Two rounds, because deferred triggers fire in the order in which they were queued: the first round only queues the
# second, which so comes after the foreign keys of the whole transaction. Those may wait for others; whoever holds the
# lock of a chain must not.
JOIN = r"""
CREATE FUNCTION organs_auditlink_join() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mine bigint;
    link organs_auditlink;
    last organs_auditlink;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF current_setting('audit.joining', true) IS DISTINCT FROM 'on' THEN
            PERFORM set_config('audit.joining', 'on', true);
            UPDATE organs_auditlink SET number = NULL WHERE event_id = NEW.event_id AND number IS NULL;
            IF NOT FOUND THEN
                PERFORM set_config('audit.joining', 'off', true);
            END IF;
        END IF;
        RETURN NULL;
    END IF;
    FOR mine IN SELECT DISTINCT chain FROM organs_auditlink WHERE number IS NULL ORDER BY chain LOOP
        PERFORM pg_advisory_xact_lock(hashtext('organs_auditlink'), mine::int);
        SELECT * INTO last FROM organs_auditlink
            WHERE chain = mine AND number IS NOT NULL ORDER BY number DESC LIMIT 1;
        FOR link IN SELECT * FROM organs_auditlink WHERE chain = mine AND number IS NULL ORDER BY event_id LOOP
            last.number := coalesce(last.number, 0) + 1;
            last.hash := encode(sha256(convert_to(
                coalesce(last.hash, '') || '|' || mine || '|' || last.number || '|' || link.digest, 'UTF8')), 'hex');
            UPDATE organs_auditlink SET number = last.number, hash = last.hash WHERE event_id = link.event_id;
        END LOOP;
    END LOOP;
    PERFORM set_config('audit.joining', 'off', true);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER organs_auditlink_join AFTER INSERT OR UPDATE ON organs_auditlink
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.number IS NULL)
    EXECUTE FUNCTION organs_auditlink_join();
"""
NOT_JOIN = """
DROP TRIGGER organs_auditlink_join ON organs_auditlink;
DROP FUNCTION organs_auditlink_join();
"""
# Django's tests empty their database, whose name begins with test_, by TRUNCATE.
KEEP = r"""
CREATE TRIGGER organs_auditlink_no_insert BEFORE INSERT ON organs_auditlink
    FOR EACH ROW WHEN (NEW.number IS NOT NULL) EXECUTE FUNCTION organs_auditevent_append_only();
CREATE TRIGGER organs_auditlink_no_update BEFORE UPDATE ON organs_auditlink
    FOR EACH ROW WHEN (OLD.number IS NOT NULL
        OR (OLD.event_id, OLD.chain, OLD.digest) IS DISTINCT FROM (NEW.event_id, NEW.chain, NEW.digest))
    EXECUTE FUNCTION organs_auditevent_append_only();
CREATE TRIGGER organs_auditlink_no_delete BEFORE DELETE ON organs_auditlink
    FOR EACH ROW EXECUTE FUNCTION organs_auditevent_append_only();
CREATE TRIGGER organs_auditlink_no_truncate BEFORE TRUNCATE ON organs_auditlink
    FOR EACH STATEMENT WHEN (current_database() NOT LIKE 'test\_%')
    EXECUTE FUNCTION organs_auditevent_append_only();
CREATE TRIGGER organs_auditevent_no_truncate BEFORE TRUNCATE ON organs_auditevent
    FOR EACH STATEMENT WHEN (current_database() NOT LIKE 'test\_%')
    EXECUTE FUNCTION organs_auditevent_append_only();
"""
NOT_KEEP = """
DROP TRIGGER organs_auditevent_no_truncate ON organs_auditevent;
DROP TRIGGER organs_auditlink_no_truncate ON organs_auditlink;
DROP TRIGGER organs_auditlink_no_delete ON organs_auditlink;
DROP TRIGGER organs_auditlink_no_update ON organs_auditlink;
DROP TRIGGER organs_auditlink_no_insert ON organs_auditlink;
"""


def link_what_is_there(apps, schema_editor):
    """Events written before there were chains join them in their order, without being touched."""
    events = apps.get_model("organs", "AuditEvent").objects.order_by("pk")
    links = apps.get_model("organs", "AuditLink").objects
    waiting = []
    for event in events.iterator(chunk_size=2000):
        waiting.append(links.model(event=event, chain=chain_of(event), digest=digest(event)))
        if len(waiting) == 2000:
            links.bulk_create(waiting)
            waiting.clear()
    links.bulk_create(waiting)


class Migration(migrations.Migration):
    """Roles of the doer, indexes for the auditor's page, and the chains."""

    dependencies = [
        ("organs", "0003_guard_passwords"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="link",
                        serialize=False,
                        to="organs.auditevent",
                        verbose_name="审计记录",
                    ),
                ),
                ("chain", models.BigIntegerField(help_text="单位编号，没有单位的为0。", verbose_name="链")),
                ("number", models.BigIntegerField(null=True, verbose_name="序号")),
                ("digest", models.CharField(max_length=64, verbose_name="内容摘要")),
                ("hash", models.CharField(blank=True, max_length=64, verbose_name="校验值")),
            ],
            options={
                "verbose_name": "审计链环",
                "verbose_name_plural": "审计链环",
            },
        ),
        migrations.AddField(
            model_name="auditevent",
            name="roles",
            field=models.CharField(
                blank=True, help_text="当时在该单位的角色。", max_length=200, verbose_name="角色"
            ),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="verb",
            field=models.CharField(
                choices=[
                    ("create", "新增"),
                    ("change", "修改"),
                    ("delete", "删除"),
                    ("submit", "报审"),
                    ("approve", "审核通过"),
                    ("return", "退回"),
                    ("withdraw", "撤回"),
                    ("retract", "撤销"),
                    ("correct", "更正"),
                    ("close", "申请销号"),
                    ("approve_closing", "同意销号"),
                    ("return_closing", "退回销号"),
                    ("withdraw_closing", "撤回销号申请"),
                    ("login", "登录"),
                    ("logout", "退出"),
                    ("login_failed", "登录失败"),
                    ("locked_out", "登录锁定"),
                    ("unlock", "解除锁定"),
                    ("download", "下载"),
                    ("export", "导出"),
                    ("seal", "封存"),
                ],
                max_length=20,
                verbose_name="动作",
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["user_id", "at"], name="audit_by_user"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["verb", "at"], name="audit_by_verb"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["at", "id"], name="audit_by_time"),
        ),
        migrations.AddIndex(
            model_name="auditlink",
            index=models.Index(
                condition=models.Q(("number__isnull", True)), fields=["chain"], name="audit_link_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditlink",
            constraint=models.UniqueConstraint(fields=("chain", "number"), name="audit_link_place"),
        ),
        migrations.RunSQL(JOIN, NOT_JOIN),
        migrations.RunSQL(KEEP, NOT_KEEP),
        migrations.RunPython(link_what_is_there, migrations.RunPython.noop),
    ]
