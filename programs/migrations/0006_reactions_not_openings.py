from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("programs", "0005_rests")]

    operations = [migrations.RemoveField(model_name="participant", name="opened_at")]
