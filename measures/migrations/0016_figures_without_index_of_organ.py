import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("measures", "0015_figures_by_organ_and_metric"),
        ("organs", "0012_marks_by_statement"),
    ]

    operations = [
        migrations.AlterField(
            model_name="observation",
            name="organ",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="organs.organ",
                verbose_name="机关单位",
            ),
        ),
    ]
