"""How an uploaded file is taken in: one, in memory, at the one address that asks for it, within its limit."""

import io
from typing import Any

from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.urls import Resolver404, resolve

from utilization.workflow import MOST_BYTES

TAKES_A_FILE = frozenset({"formulary-upload"})


class OneBoundedFile(FileUploadHandler):
    """Keep a file up to one byte beyond the limit, by which its view sees that it was larger; drop the rest unread.

    Raises TooManyFilesSent, answered with a 400, at every other address.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if not self._expected():
            raise TooManyFilesSent("A file was sent where none is asked for.")
        self.content = io.BytesIO()

    def _expected(self) -> bool:
        try:
            return self.request is not None and resolve(self.request.path_info).url_name in TAKES_A_FILE
        except Resolver404:
            return False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.content.write(raw_data[: max(0, MOST_BYTES + 1 - self.content.tell())])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        size = self.content.tell()
        self.content.seek(0)
        return InMemoryUploadedFile(
            self.content, self.field_name, self.file_name or "", self.content_type, size, self.charset
        )
