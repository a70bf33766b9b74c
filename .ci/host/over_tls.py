"""The product asked through nginx by TLS, as browsers and as liars do; each answer held against what is promised."""

import http.client
import http.cookies
import re
import socket
import ssl
import sys
import urllib.parse

NAME = "ivig.hospital.example"
FROM = "127.0.0.9"
"""The address that a browser has; what it claims of itself is another."""
TRUSTED = ssl.create_default_context(cafile="/etc/ssl/ivig/fullchain.pem")


class Browser:
    """Keeps cookies, and says that it is somebody else."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def ask(self, path: str, form: dict[str, str] | None = None, body: bytes | None = None) -> tuple[int, dict, str]:
        connection = http.client.HTTPSConnection(NAME, 443, context=TRUSTED, timeout=30, source_address=(FROM, 0))
        headers = {
            "X-Forwarded-For": "10.6.6.6",
            "X-Forwarded-Proto": "http",
            "Referer": f"https://{NAME}{path}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if form is not None:
            body = urllib.parse.urlencode(form).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        said = {}
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                for key, morsel in http.cookies.SimpleCookie(value).items():
                    self.cookies[key] = morsel.value
            said[name.lower()] = value
        return answer.status, said, text

    def send(self, path: str, form: dict[str, str]) -> tuple[int, dict, str]:
        text = self.ask(path)[2]
        hidden = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', text)
        return self.ask(path, {**dict(hidden), **form})


def held(what: str, truth: object) -> None:
    if not truth:
        sys.exit(f"Over TLS: {what} does not hold")
    print(f"over TLS: {what}")


def looked_at() -> None:
    plain = http.client.HTTPConnection(NAME, 80, timeout=30)
    plain.request("GET", "/account/sign-in/")
    answer = plain.getresponse()
    held(
        "plain http is sent on to https",
        answer.status == 301 and answer.getheader("Location") == f"https://{NAME}/account/sign-in/",
    )
    status, said, _ = Browser().ask("/account/sign-in/")
    held("the sign-in page is served", status == 200)
    held("browsers are bound to https", "max-age=31536000" in said.get("strict-transport-security", ""))
    held("no script of others may run", "default-src" in said.get("content-security-policy", ""))
    held("no page may be framed", said.get("x-frame-options") == "DENY")
    held("nginx does not tell its version", said.get("server") == "nginx")
    held("/readyz answers 200", Browser().ask("/readyz")[0] == 200)
    status = Browser().ask("/account/sign-in/", body=b"x" * 13_000_000)[0]
    held("a body of 13 MB is refused", status == 413)
    raw = socket.create_connection(("127.0.0.1", 443), timeout=30)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        old.wrap_socket(raw, server_hostname=NAME)
        held("TLS 1.1 is refused", False)
    except (ssl.SSLError, ConnectionError):
        held("TLS 1.1 is refused", True)


def away() -> None:
    status, said, text = Browser().ask("/account/sign-in/")
    held("a product that is stopped is told in words", status == 503 and "let the browser send it again" in text)
    held("a browser is told when to ask again", said["retry-after"] == "10")
    held("a browser keeps no copy", said["cache-control"] == "no-store")
    held("so is a one-time link", Browser().ask("/account/password/first/1a-cb1-5f2e/")[0] == 503)


def signed_in(user: str, password: str) -> None:
    browser = Browser()
    status, said, _ = browser.send("/account/sign-in/", {"login": user, "username": user, "password": password})
    held(f"{user} signs in", status == 302 and "sign-in" not in said["location"])
    held("the cookies are the host's alone", all(name.startswith("__Host-") for name in browser.cookies))


def main(words: list[str]) -> None:
    if words[0] == "look":
        looked_at()
    elif words[0] == "away":
        away()
    elif words[0] == "first":
        browser, (path, password) = Browser(), words[1:]
        status, said, text = browser.ask(path)
        while status == 302:
            path = urllib.parse.urlsplit(said["location"]).path
            status, said, text = browser.ask(path)
        names = re.findall(r'<input type="password" name="([\w-]+)"', text)
        status = browser.send(path, dict.fromkeys(names, password))[0]
        held("the first administrator sets a password", names and status == 302)
    else:
        signed_in(*words[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
