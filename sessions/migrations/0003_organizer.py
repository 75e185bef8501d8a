from django.db import migrations, models

import sessions.models.meeting


class Migration(migrations.Migration):
    dependencies = [
        ("mentoring_sessions", "0002_told_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="meeting",
            name="organizer",
            field=models.EmailField(
                default=sessions.models.meeting.sender_address, editable=False, max_length=254
            ),
        ),
    ]
