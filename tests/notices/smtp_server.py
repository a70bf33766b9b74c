"""A mail server on this machine alone, which can refuse, be slow, break off, go away and come back."""

import socketserver
import threading
import time
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailServer:
    """Keeps what it took. `port` stays the same while it is away."""

    def __init__(self) -> None:
        self.took: list[EmailMessage] = []
        self.bytes_took: list[bytes] = []
        self.envelopes: list[tuple[str, ...]] = []
        """Of each mail that it took: what MAIL FROM and each RCPT TO named."""
        self.refuses: dict[str, str] = {}
        """By the word of a command or the address of a recipient: the reply that it gets."""
        self.seconds_before_greeting = 0.0
        self.breaks_off_after_data = False
        self.port = 0
        self._server: socketserver.ThreadingTCPServer | None = None

    def start(self) -> None:
        outer = self

        class Session(_Session):
            mail = outer

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", self.port), Session)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Session(socketserver.StreamRequestHandler):
    mail: MailServer

    def handle(self) -> None:
        try:
            time.sleep(self.mail.seconds_before_greeting)
            self._say("220 test")
            self._envelope: list[str] = []
            while line := self.rfile.readline():
                word = line.split(b":")[0].strip().upper().decode()
                if word == "DATA":
                    if self._take_data():
                        return
                else:
                    address = line.decode().rpartition("<")[2].partition(">")[0]
                    self._note(word, address)
                    refusal = self.mail.refuses.get(word) or (word == "RCPT TO" and self.mail.refuses.get(address))
                    self._say(refusal or "250 ok")
                if word == "QUIT":
                    return
        except OSError:
            return

    def _note(self, word: str, address: str) -> None:
        if word == "MAIL FROM":
            self._envelope = [address]
        elif word == "RCPT TO":
            self._envelope.append(address)

    def _say(self, reply: str) -> None:
        self.wfile.write(f"{reply}\r\n".encode())

    def _take_data(self) -> bool:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        refusal = self.mail.refuses.get("DATA")
        if not refusal:
            self.mail.bytes_took.append(b"".join(lines))
            self.mail.envelopes.append(tuple(self._envelope))
            self.mail.took.append(message_from_bytes(b"".join(lines), policy=policy.default))  # type: ignore[arg-type]
        if self.mail.breaks_off_after_data:
            return True
        self._say(refusal or "250 taken")
        return False
