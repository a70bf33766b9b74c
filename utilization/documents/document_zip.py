"""Documents as one zip, written as it is sent: no more than one of them is in memory."""

import zipfile
from collections.abc import Iterable, Iterator

_LONG_AGO = (1980, 1, 1, 0, 0, 0)


class _Sink:
    """Takes what is written, piece by piece, to be sent on."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """What was written is still there to be taken."""

    def taken(self) -> bytes:
        """All that was written since, taken out."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def zip_pieces(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The zip of `files` (name, content), a piece a file. A PDF is compressed in itself and stored as it is."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content)
            yield sink.taken()
    yield sink.taken()
