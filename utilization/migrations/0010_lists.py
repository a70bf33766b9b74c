from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0009_presence_and_answers"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="accessentry",
            name="access_by_patient",
        ),
        migrations.RemoveIndex(
            model_name="request",
            name="home_by_department",
        ),
        migrations.AddIndex(
            model_name="accessentry",
            index=models.Index(fields=["site_id", "actor_id", "-at", "-id"], name="access_by_person"),
        ),
        migrations.AddIndex(
            model_name="accessentry",
            index=models.Index(fields=["patient_id", "-at", "-id"], name="access_by_patient"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["signed_by", "-signed_at", "-id"], name="signed_lately"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["site_id", "type", "seq"], name="event_by_type"),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(fields=["site", "role", "user"], name="people_by_role"),
        ),
        migrations.AddIndex(
            model_name="question",
            index=models.Index(
                condition=models.Q(("answered_at", None)), fields=["asked_at", "id"], name="questions_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["author", "status", "-updated_at", "-id"], name="home_drafts"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["department", "status", "due_at", "id"], name="home_open"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["author", "-ended_at", "-id"], name="home_ended_own"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["department", "-ended_at", "-id"], name="home_ended"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                fields=["site", "indication", "outcome", "-submitted_at", "-id"], name="audit_by_indication"
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                fields=["site", "judged_as", "outcome", "-submitted_at", "-id"], name="audit_by_judged_as"
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["site", "outcome", "-submitted_at", "-id"], name="audit_by_outcome"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["site", "status", "-submitted_at", "-id"], name="audit_by_status"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["department", "status", "-submitted_at", "-id"], name="audit_by_department"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("status", "draft")), fields=["site", "-created_at", "-id"], name="audit_drafts"
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("status", "discarded")),
                fields=["site", "-created_at", "-id"],
                name="audit_discarded",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(fields=["full_name", "id"], name="people_by_name"),
        ),
    ]
