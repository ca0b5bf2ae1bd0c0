from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("measures", "0014_marks_by_statement")]

    operations = [
        migrations.AddIndex(
            model_name="observation",
            index=models.Index(fields=["organ", "metric"], name="observation_by_organ_metric"),
        ),
        migrations.AddIndex(
            model_name="observation",
            index=models.Index(
                condition=models.Q(state="approved", superseded_at__isnull=True),
                fields=["organ", "metric"],
                name="observation_current",
            ),
        ),
    ]
