"""Which version's tables a database has, by the migrations that were applied to it."""

from django.db.migrations.executor import MigrationExecutor


def newer_migrations(executor: MigrationExecutor) -> list[str]:
    """The migrations applied to the database that this version of the code does not have, as `app.name`."""
    loader = executor.loader
    known = {*loader.disk_migrations, *loader.replacements}
    known |= {replaced for migration in loader.disk_migrations.values() for replaced in migration.replaces}
    return sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in loader.migrated_apps and (app, name) not in known
    )
