"""What pages name among the files for browsers is collected, and what the editor would bring beside it is not."""

import posixpath
import re

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders

from utilization.management.commands.prepare import UNUSED_FILES

NAMED = re.compile(r"{% static '([^']+)' %}")


def collected():
    """The names under which files are collected; a folder of the settings may have a prefix."""
    return {
        posixpath.join(getattr(storage, "prefix", None) or "", path)
        for finder in get_finders()
        for path, storage in finder.list(list(UNUSED_FILES))
    }


def test_every_file_that_a_template_names_is_collected():
    pages = (settings.BASE_DIR / "templates").rglob("*.html")
    named = {name for page in pages for name in NAMED.findall(page.read_text("utf-8"))}
    assert "django_ace/ace/ace.js" in named
    assert named <= collected()


def test_of_the_editor_no_other_language_or_theme_is_collected():
    scripts = {path.removeprefix("django_ace/") for path in collected() if re.match(r"django_ace/.*\.(js|css)$", path)}
    assert scripts == {
        "ace/ace.js", "ace/mode-yaml.js", "ace/ext-searchbox.js", "ace/css/ace.css",
    }  # fmt: skip
