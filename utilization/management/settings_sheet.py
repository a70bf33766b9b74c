"""The variables as a page and as a sample file, from `environment.SETTINGS`."""

from utilization.environment import IN_FILE, SETTINGS, Setting

ABOUT_SETTINGS = f"""\
Drawn from `utilization/environment.py`. Each may lie in a file instead, which `NAME{IN_FILE}` names: for passwords and
keys, so that they stand in no unit and no list of processes. `manage.py doctor` says where each value came from, and
which variable nothing reads. A sample for production is [ivig.env.example](ivig.env.example)."""

ABOUT_SAMPLE = """\
# Settings of a server in production: copy to /etc/ivig/ivig.env, correct, and let root and the server's group read it.
# What is left out keeps its default; docs/settings.md has them all. Then: manage.py doctor"""


def settings_page(drawn: str) -> str:
    """The page of all variables; `drawn` says that it is drawn."""
    rows = [f"| `{row.name}` | {row.says} | {row.kind.value} | {row.default} |" for row in SETTINGS]
    head = ["| variable | what it says | written as | where it is not set |", "|---|---|---|---|"]
    return "\n\n".join(["# Settings", drawn, ABOUT_SETTINGS, "\n".join([*head, *rows])]) + "\n"


def settings_sample() -> str:
    """A file for the environment: what production needs is set, the rest stands in comments."""
    return "\n\n".join([ABOUT_SAMPLE, *(_sample(row) for row in SETTINGS)]) + "\n"


def _sample(row: Setting) -> str:
    says = row.says[0].upper() + row.says[1:]
    if row.secret and not row.example:
        line = f"{row.name}{IN_FILE}=/etc/ivig/{row.name.lower().replace('_', '-')}"
    else:
        line = f"{row.name}={row.example}"
    return f"# {says.replace('`', '')}.\n{'' if row.production else '# '}{line}"
