from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mentoring", "0002_accounts")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="suspended_at",
            field=models.DateTimeField(null=True),
        ),
    ]
