from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.db import migrations, models

from mentoring.models.mail import new_message_id


def give_message_ids(apps: Any, schema_editor: Any) -> None:
    """Those of rows from before, as they were sent with until now."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    for name in ("outgoingmessage", "accountmessage"):
        schema_editor.execute(
            f"UPDATE mentoring_{name} SET message_id = '<{name}.' || id || '@' || %s || '>'", [domain]
        )


class Migration(migrations.Migration):
    dependencies = [
        ("mentoring", "0003_membership_suspended"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailServer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("down_until", models.DateTimeField(null=True)),
                ("down_since", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("error", models.TextField(blank=True)),
                ("worked_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="accountmessage",
            name="about",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="accountmessage",
            name="breaks",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="accountmessage",
            name="broke_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="accountmessage",
            name="message_id",
            field=models.CharField(default=new_message_id, editable=False, max_length=254),
        ),
        migrations.AddField(
            model_name="accountmessage",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("replaced", "A newer mail about the same took its place."),
                    ("late", "It could not be sent in time; later it would have been of no use."),
                    ("outdated", "What it says is no longer so."),
                    ("left", "The person has left."),
                    (
                        "readdressed",
                        "The address has changed, and the links were made for the old one.",
                    ),
                    ("no_address", "The mail server says that it cannot deliver to this address."),
                    ("refused", "The mail server refused this mail."),
                    ("too_big", "The mail server takes no mail of this size."),
                    ("put_off", "The mail server has put this mail off for days."),
                    ("breaks", "The mail server breaks off each time at this mail; it may have arrived."),
                    ("impossible", "No mail can be sent to an address like this."),
                    ("our_fault", "Something went wrong on our side. Please tell your operator."),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="accountmessage",
            name="rule",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="accountmessage",
            name="sequence",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="accountmessage",
            name="thread",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="accountmessage",
            name="useful_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="accountmessage",
            name="working_zone",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="about",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="breaks",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="broke_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="message_id",
            field=models.CharField(default=new_message_id, editable=False, max_length=254),
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("replaced", "A newer mail about the same took its place."),
                    ("late", "It could not be sent in time; later it would have been of no use."),
                    ("outdated", "What it says is no longer so."),
                    ("left", "The person has left."),
                    (
                        "readdressed",
                        "The address has changed, and the links were made for the old one.",
                    ),
                    ("no_address", "The mail server says that it cannot deliver to this address."),
                    ("refused", "The mail server refused this mail."),
                    ("too_big", "The mail server takes no mail of this size."),
                    ("put_off", "The mail server has put this mail off for days."),
                    ("breaks", "The mail server breaks off each time at this mail; it may have arrived."),
                    ("impossible", "No mail can be sent to an address like this."),
                    ("our_fault", "Something went wrong on our side. Please tell your operator."),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="rule",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="sequence",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="thread",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="useful_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="working_zone",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name="accountmessage",
            name="status",
            field=models.CharField(
                choices=[
                    ("queued", "Queued"),
                    ("sending", "Sending"),
                    ("sent", "Sent"),
                    ("failed", "Failed"),
                    ("dropped", "Not sent any more"),
                ],
                default="queued",
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="outgoingmessage",
            name="status",
            field=models.CharField(
                choices=[
                    ("queued", "Queued"),
                    ("sending", "Sending"),
                    ("sent", "Sent"),
                    ("failed", "Failed"),
                    ("dropped", "Not sent any more"),
                ],
                default="queued",
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.RunPython(give_message_ids, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="outgoingmessage",
            index=models.Index(
                condition=models.Q(("thread", ""), _negated=True),
                fields=["organization", "thread"],
                name="message_thread",
            ),
        ),
    ]
