"""Jobs that wait in the queue are found by the path of their function, which moved to `utilization.jobs`."""

from django.db import migrations

MOVED = {
    "utilization.documents.tasks.issue_justification": "utilization.jobs.documents.issue_justification",
    "utilization.documents.previewing.work_out": "utilization.jobs.impact_preview.work_out",
}


def follow(apps, schema_editor):
    jobs = apps.get_model("django_tasks_database", "DBTaskResult")
    for old, new in MOVED.items():
        jobs.objects.filter(task_path=old).update(task_path=new)


def back(apps, schema_editor):
    jobs = apps.get_model("django_tasks_database", "DBTaskResult")
    for old, new in MOVED.items():
        jobs.objects.filter(task_path=new).update(task_path=old)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0012_unsent"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]
    operations = [migrations.RunPython(follow, back)]
