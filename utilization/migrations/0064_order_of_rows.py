"""What was done on one request stands in the order of its rows: a clock that was set back changes no order."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("utilization", "0063_shared_limits")]

    operations = [
        migrations.AlterModelOptions(name="answerpart", options={"ordering": ("question", "pk")}),
        migrations.AlterModelOptions(name="attachment", options={"ordering": ("request", "pk")}),
        migrations.AlterModelOptions(name="decision", options={"ordering": ("request", "pk")}),
        migrations.AlterModelOptions(name="message", options={"ordering": ("request", "pk")}),
        migrations.AlterModelOptions(name="note", options={"ordering": ("request", "pk")}),
        migrations.AlterModelOptions(name="opinion", options={"ordering": ("request", "pk")}),
        migrations.AlterModelOptions(name="opinionquestion", options={"ordering": ("request", "pk")}),
        migrations.AlterModelOptions(name="peercall", options={"ordering": ("request", "pk")}),
        migrations.AlterModelOptions(name="question", options={"ordering": ("request", "pk")}),
    ]
