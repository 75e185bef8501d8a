import django.db.models.deletion
from django.db import migrations, models

from mentoring.tenancy.isolation import Isolate


class Migration(migrations.Migration):
    dependencies = [
        ("mentoring", "0001_initial"),
        ("programs", "0004_late_joiners"),
    ]

    operations = [
        migrations.CreateModel(
            name="Rest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", models.DateField(verbose_name="until")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="mentoring.organization",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rests",
                        to="mentoring.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "break",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddConstraint(
            model_name="rest",
            constraint=models.UniqueConstraint(fields=("organization", "person"), name="rest_once"),
        ),
        Isolate("Rest"),
    ]
