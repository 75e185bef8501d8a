from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programs", "0005_rests")]

    operations = [
        migrations.AddField(
            model_name="pair",
            name="left",
            field=models.CharField(
                blank=True,
                choices=[("mentor", "Mentor"), ("mentee", "Mentee")],
                default="",
                max_length=10,
            ),
            preserve_default=False,
        ),
    ]
