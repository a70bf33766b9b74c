"""Where the file of an export lies, and where a bundle is put together."""

from pathlib import Path

from django.conf import settings

from utilization.models import Export


def export_path(export: Export) -> Path:
    """Where the file lies once it is whole."""
    return settings.EXPORTS_DIR / f"{export.uid}.{export.form}"


def work_folder(export: Export) -> Path:
    """Where a bundle is put together, request by request; gone once it is whole or given up."""
    return settings.EXPORTS_DIR / f"{export.uid}.work"
