from typing import Any

from django.db import migrations

from mentoring.models.fields import SealedTextField
from mentoring.sealing import seal_long

BODIES = ("text", "html", "calendar")
# As `mentoring.sealing.stored_key`: whoever is signed in stays so.
HASH_KEYS = "UPDATE {} SET session_key = left(encode(sha256(convert_to(session_key, 'UTF8')), 'hex'), 40)"


def seal_mails(apps: Any, schema_editor: Any) -> None:
    messages = apps.get_model("mentoring", "OutgoingMessage").objects
    for message in messages.only(*BODIES).iterator(chunk_size=500):
        for name in BODIES:
            if body := getattr(message, name):
                setattr(message, name, seal_long("mail", body))
        message.save(update_fields=BODIES)


class Migration(migrations.Migration):
    dependencies = [
        ("mentoring", "0007_kept_columns"),
        ("sessions", "0001_initial"),
        ("usersessions", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(seal_mails, migrations.RunPython.noop, elidable=True),
        migrations.RunSQL(
            [HASH_KEYS.format("django_session"), HASH_KEYS.format("usersessions_usersession")],
            migrations.RunSQL.noop,
            elidable=True,
        ),
        migrations.AlterField("outgoingmessage", "text", SealedTextField(purpose="mail")),
        migrations.AlterField("outgoingmessage", "html", SealedTextField(purpose="mail")),
        migrations.AlterField("outgoingmessage", "calendar", SealedTextField(purpose="mail", blank=True)),
        migrations.AlterField("accountmessage", "calendar", SealedTextField(purpose="mail", blank=True)),
    ]
