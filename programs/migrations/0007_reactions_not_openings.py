from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("programs", "0006_pair_left")]

    operations = [migrations.RemoveField(model_name="participant", name="opened_at")]
