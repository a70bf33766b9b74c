"""What tests of documents share: a site whose log is sealed."""

from tests.documents.sealed_site import approved, seal

__all__ = ["approved", "seal"]
