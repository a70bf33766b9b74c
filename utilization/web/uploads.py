"""How an uploaded file is taken in: one, in memory, at the few addresses that ask for it, within their limit."""

import io
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from utilization import workflow
from utilization.rules.authorization.infusion_file import MOST_BYTES as MOST_INFUSION_BYTES
from utilization.rules.people_file import MOST_BYTES as MOST_PEOPLE_BYTES
from utilization.verifier.verify_evidence import MOST_BYTES as MOST_DOCUMENT_BYTES
from utilization.workflow import MOST_ATTACHMENT_BYTES, MOST_BYTES

TAKES_A_FILE = {
    "formulary-upload": MOST_BYTES,
    "audit-document": MOST_DOCUMENT_BYTES,
    "request-attach": MOST_ATTACHMENT_BYTES,
    "infusions-import": MOST_INFUSION_BYTES,
    "people-import": MOST_PEOPLE_BYTES,
    "people-logo": workflow.site_logo.MOST_LOGO_BYTES,
}
"""The addresses that take a file, and how many bytes of one each reads."""
_MUCH_TOO_LONG = 4
"""How many times what is read a request may announce; one that announces more is refused before a byte of it is read.
Up to that its view says in words that the file is too large."""


def most_of_file(request: HttpRequest | None) -> int:
    """The bytes of a file that the address of a request reads; 0 where it takes none."""
    if request is None:
        return 0
    try:
        return TAKES_A_FILE.get(resolve(request.path_info).url_name or "", 0)
    except Resolver404:
        return 0


class OneBoundedFile(FileUploadHandler):
    """Keep a file up to one byte beyond the limit, by which its view sees that it was larger; drop the rest unread.

    Raises TooManyFilesSent, answered with a 400, at every other address.
    """

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:  # noqa: N803 - Django's name
        """Raises RequestDataTooBig, answered with a 413, where far more is announced than is read."""
        most = most_of_file(self.request) or settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if content_length > most * _MUCH_TOO_LONG:
            raise RequestDataTooBig("More was announced than is read.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.most = most_of_file(self.request)
        if not self.most:
            raise TooManyFilesSent("A file was sent where none is asked for.")
        self.content = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.content.write(raw_data[: max(0, self.most + 1 - self.content.tell())])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        size = self.content.tell()
        self.content.seek(0)
        return InMemoryUploadedFile(
            self.content, self.field_name, self.file_name or "", self.content_type, size, self.charset
        )
