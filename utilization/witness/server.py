"""The witness over HTTP: `POST /add-checkpoint` and `GET /<hash of the origin>/checkpoint`."""

import re
import socket
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from utilization.transparency.submissions import MOST_BYTES
from utilization.witness.replies import Reply, Witness

SECONDS = 10
"""The longest that one request may take, however slowly it comes in."""
_NOTE_PATH = re.compile("/([0-9a-f]{64})/checkpoint")
_LENGTH = re.compile("[0-9]{1,9}")


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness until `shutdown`."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], witness: Witness, seconds: float = SECONDS) -> None:
        """Raises OSError where the address cannot be used. One with colons is of IPv6."""
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)
        self.witness = witness
        self.seconds = seconds


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    server_version = "witness"
    sys_version = ""

    def setup(self) -> None:
        super().setup()
        self._end = threading.Timer(self.server.seconds, self._hang_up)
        self._end.start()

    def finish(self) -> None:
        self._end.cancel()
        with suppress(OSError):
            super().finish()

    def _hang_up(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def do_POST(self) -> None:
        """Answer `add-checkpoint`."""
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint":
            self._reply(Reply(HTTPStatus.NOT_FOUND, "No such page.\n"))
        elif not _LENGTH.fullmatch(length):
            self._reply(Reply(HTTPStatus.BAD_REQUEST, "The request does not say how long it is.\n"))
        elif int(length) > MOST_BYTES:
            self._reply(Reply(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {MOST_BYTES} bytes.\n"))
        else:
            body = self.rfile.read(int(length))
            if len(body) == int(length):
                self._reply(self.server.witness.add_checkpoint(body))

    def do_GET(self) -> None:
        """Answer with the last cosigned note of a log."""
        path = _NOTE_PATH.fullmatch(self.path)
        unknown = Reply(HTTPStatus.NOT_FOUND, "No such page.\n")
        self._reply(self.server.witness.checkpoint(path[1]) if path else unknown)

    def _reply(self, reply: Reply) -> None:
        body = reply.text.encode()
        with suppress(OSError):
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the library
        """Requests are not logged: what was cosigned stands in the file of notes."""
