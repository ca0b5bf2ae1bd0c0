from django.db import migrations, models
from django.db.models import F

import measures.models.evidence


def uploaded_as_kept(apps, schema_editor):
    """Files that are there already were kept as they came."""
    apps.get_model("measures", "Evidence").objects.update(upload_sha256=F("sha256"))


class Migration(migrations.Migration):
    dependencies = [("measures", "0002_initial")]

    operations = [
        migrations.AddField(
            model_name="evidence",
            name="upload_sha256",
            field=models.CharField(
                db_index=True, default="", editable=False, max_length=64, verbose_name="上传时的校验值"
            ),
            preserve_default=False,
        ),
        migrations.RunPython(uploaded_as_kept, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="evidence",
            name="content_type",
            field=models.CharField(editable=False, max_length=100, verbose_name="类型"),
        ),
        migrations.AlterField(
            model_name="evidence",
            name="file",
            field=models.FileField(
                max_length=200, upload_to=measures.models.evidence.private_path, verbose_name="文件"
            ),
        ),
        migrations.AddField(
            model_name="metric",
            name="needs_evidence",
            field=models.BooleanField(
                default=False,
                help_text="勾选后，没有佐证材料的数值不能报审。佐证宜少而精，确有必要才勾。",
                verbose_name="须附佐证",
            ),
        ),
    ]
