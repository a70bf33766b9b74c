"""Says whether a justification (PDF) is the one that was issued, and what it says. Needs Python 3.9 or newer, no more.

    python3 verify_evidence.py [--prefix] KEYS FILE...

KEYS holds the public keys of the log and of its witnesses, one a line. Take it from people, never from a file's sender.
Each file is GENUINE, or REFUSED with the reason; if any is refused, the exit code is 1. No network is used. --prefix is
for files that were signed or annotated since they were issued: only what was issued is checked.

A file has a place of fixed size for its proof, and the log speaks of the file with that place blank: bytes outside are
vouched for by their hash in the log's entry, those inside by being what is written here for the proof.
"""

import base64
import json
import re
import sys
import time
import zlib
from collections import namedtuple
from hashlib import sha256, sha512

MOST_BYTES, MOST_KEY_BYTES, MOST_INFLATED, MOST_ATTACHED, HOLE_BYTES = 8_000_000, 100_000, 20_000_000, 12, 12_288
CLOCKS_APART = 3600  # seconds by which the clock of whoever signed may be ahead of this one
MARK = b"<</Type/EmbeddedFile/Subtype/application#2Fvnd.c2sp.tlog-proof/Length "
LOG, WITNESS, TIME = 1, 4, "%Y-%m-%dT%H:%M:%SZ"
NUMBER, HASH = "(0|[1-9][0-9]{0,18})\n", "([A-Za-z0-9+/]{43}=)\n"
PROOF = re.compile(
    f"c2sp[.]org/tlog-proof@v1\nextra ([^ \n]+)\nindex {NUMBER}((?:{HASH.replace('(', '(?:')}){{0,63}})\n"
    f"(([^\x00- +\x7f]+)\n{NUMBER}{HASH})\n((?:\u2014 [^\x00- +\x7f]+ [^ \n]+\n){{1,32}})"
)
CHOICES = {"decision.approved": "approve", "decision.denied": "deny"}
CHOICES |= {"appeal.overturned": "approve", "appeal.upheld": "deny"}
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError, zlib.error)
Key = namedtuple("Key", "name type raw id")
Entry = namedtuple("Entry", "index body said origin size witnesses unknown")
Verdict = namedtuple("Verdict", "issued decision value unknown added")


class NotGenuine(Exception):
    """Why a file or a key is not believed, in words."""


def need(holds, otherwise):
    if not holds:
        raise NotGenuine(otherwise)


# Ed25519 (RFC 8032, section 5.1.7). Points are X, Y, Z, T with x = X/Z, y = Y/Z, x*y = T/Z.
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(one, two):
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * D * one[3] * two[3] % P, 2 * one[2] * two[2] % P
    return (b - a) * (d - c) % P, (d + c) * (b + a) % P, (d - c) * (d + c) % P, (b - a) * (b + a) % P


def point(raw):
    y, odd = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and odd):
        return None
    x = P - x if x & 1 != odd else x
    return x, y, 1, x * y % P


def is_signed(message, signature, key):
    """Whether `signature` (64 bytes) is that of the public key (32 bytes) over the message."""
    base, place = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")), point(key)
    factor = int.from_bytes(signature[32:], "little")
    if place is None or len(signature) != 64 or factor >= ORDER:
        return False
    digest = int.from_bytes(sha512(signature[:32] + key + message).digest(), "little") % ORDER
    minus, reached = (P - place[0], place[1], 1, P - place[3]), (0, 1, 1, 0)
    terms = [reached, base, minus, add(base, minus)]
    for bit in range(252, -1, -1):
        reached = add(add(reached, reached), terms[(factor >> bit & 1) + 2 * (digest >> bit & 1)])
    inverse = pow(reached[2], P - 2, P)
    encoded = reached[1] * inverse % P | (reached[0] * inverse % P & 1) << 255
    return encoded.to_bytes(32, "little") == signature[:32]


def decoded(text):
    raw = base64.b64decode(text, validate=True)
    need(base64.b64encode(raw).decode() == text, "A value is written in Base 64 with something left over.")
    return raw


def once(pairs):
    need(len(dict(pairs)) == len(pairs), "It says the same thing twice (a doubled key in its JSON).")
    return dict(pairs)


def shown(value):
    return "".join(sign if sign.isprintable() else "?" for sign in str(value))[:300]  # nothing in it acts


def read_keys(text):
    """The keys of a file, one a line as name+id+key; empty lines and those that start with # are left out."""
    keys = []
    for line in filter(None, (line.strip() for line in text.splitlines() if not line.startswith("#"))):
        parts = re.fullmatch("([^+\\s]+)\\+([0-9a-f]{8})\\+([A-Za-z0-9+/]{44})", line)
        need(parts, f"This line is no key: {shown(line)}")
        name, raw = parts[1], decoded(parts[3])
        keys.append(Key(name, raw[0], raw[1:], sha256(name.encode() + b"\n" + raw).digest()[:4]))
        right = keys[-1].id.hex() == parts[2] and raw[0] in (LOG, WITNESS) and point(raw[1:])
        need(right, f"The key {shown(name)} was not copied whole, or is of an unknown kind.")
    need(any(key.type == LOG for key in keys), "There is no key of a log among them.")
    return keys


def proved(raw, keys, now):
    """The entry that the proof is about, once everything in it is checked."""
    parts = PROOF.fullmatch(raw.decode())
    need(parts, "Its proof is cut off, misspelled or of a form that this verifier does not know.")
    body, index, hashes = decoded(parts[1]), int(parts[2]), [decoded(line) for line in parts[3].split()]
    origin, size, root = parts[5], int(parts[6]), decoded(parts[7])
    logs, witnesses, unknown = signers(parts[4], parts[8].splitlines(), keys)
    mine = [key.name for key in keys if key.type == LOG]
    need(origin in mine, f"It is of another log, {shown(origin)}; your keys are of {shown(', '.join(mine))}.")
    need(origin in logs, f"No key of yours signed for {shown(origin)}.")
    need(witnesses or len(mine) == len(keys), "No witness of yours has cosigned its checkpoint.")
    reached, place, last = sha256(b"\0" + body).digest(), index, size - 1
    for neighbour in hashes:  # RFC 9162, section 2.1.3.2
        need(last > 0, "Its way to the root is longer than the log's tree is high.")
        left = place & 1 or place == last
        while left and place and not place & 1:
            place, last = place >> 1, last >> 1
        reached = sha256(b"\1" + (neighbour + reached if left else reached + neighbour)).digest()
        place, last = place >> 1, last >> 1
    need(index < size and last == 0 and reached == root, f"It does not lead to what was signed as entry {index}.")
    said = json.loads(body, object_pairs_hook=once)
    need(said["seq"] == index and said["v"] == 1, "Its entry is not numbered as its proof says, or of an unknown form.")
    latest = now + CLOCKS_APART
    early = max(witnesses.values(), default=0) <= latest and said["at"][:19] <= time.strftime(TIME, time.gmtime(latest))
    need(early, "It is from the future. Is this machine's clock right?")
    return Entry(index, body, said, origin, size, witnesses, unknown)


def signers(text, lines, keys):
    """Names of logs, witnesses with the second at which each saw it, and names on lines by keys that are not known."""
    logs, witnesses, unknown = set(), {}, []
    for line in lines:
        _, name, encoded = line.split(" ")
        raw = decoded(encoded)
        signature, seen = raw[4:], int.from_bytes(raw[4:12], "big")
        key = next((key for key in keys if (key.name, key.id) == (name, raw[:4])), None)
        if key is None:
            unknown.append(name)
        elif key.type == LOG and is_signed(text.encode(), signature, key.raw):
            logs.add(name)
        elif key.type == WITNESS and is_signed(f"cosignature/v1\ntime {seen}\n{text}".encode(), signature[8:], key.raw):
            witnesses[name] = seen
        else:
            raise NotGenuine(f"The signature of {shown(name)} is wrong.")
    return logs, witnesses, unknown


def hole(proof=b""):
    """The place of the proof as it stands in a file, with a proof or blank. Raises NotGenuine where it does not fit."""
    filled = MARK + b"%06d>>\nstream\n" % len(proof) + proof + b"\nendstream"
    need(len(filled) <= HOLE_BYTES, "The proof is too long for its place.")
    return filled.ljust(HOLE_BYTES)


def examine(content, keys, now, prefix=False):
    """The Verdict on a file that is genuine; raises NotGenuine for any other. `added` counts bytes that came after."""
    try:
        return judged(content, keys, now, prefix)
    except UNREADABLE:
        raise NotGenuine("Its proof, or what is attached to it, cannot be read.") from None


def judged(content, keys, now, prefix):
    need(len(content) <= MOST_BYTES and content[:5] == b"%PDF-", "It is no PDF, or one of more than 8 MB.")
    count, start = content.count(MARK), content.find(MARK)
    need(count, "It carries no proof: it was issued unsealed, saved or printed anew, or is something else.")
    need(count == 1 or prefix, "It carries more than one proof.")
    there = content[start : start + HOLE_BYTES]
    length = re.match(rb"(\d{6})>>\nstream\n", there[len(MARK) :])
    proof = there[len(MARK) + len(length[0]) :][: int(length[1])] if length else b""
    need(hole(proof) == there, "It was altered or cut off where its proof stands.")
    need(proof, "Its proof was never filled in. Ask for the file again.")
    issued = proved(proof, keys, now)
    need(issued.said["type"] == "document.issued", "Its proof is of something else than an issued document.")
    said = issued.said["data"]
    added = len(content) - said["bytes"]
    need(added >= 0, f"It was cut off: {len(content)} of {said['bytes']} bytes are there.")
    why = f"{added} bytes were added since it was issued: it was signed over, annotated or saved on."
    need(not added or prefix, f"{why} Ask for the file as it was issued, or check its beginning alone: --prefix")
    blank = content[:start] + hole() + content[start + HOLE_BYTES : said["bytes"]]
    same = said["hole"] == start and sha256(blank).hexdigest() == said["sha256"]
    need(same, "It was altered since it was issued, or its proof is that of another file.")
    decision = value = None
    for at in list(re.finditer(rb"/Type /EmbeddedFile[^\0]{0,400}?>>\s*stream\r?\n", blank))[:MOST_ATTACHED]:
        raw = zlib.decompressobj().decompress(blank[at.end() :], MOST_INFLATED)
        if raw.startswith(b"c2sp.org/tlog-proof@v1\n"):
            decision = proved(raw, keys, now)
        elif sha256(raw).hexdigest() == said["value_sha256"]:
            value = json.loads(raw, object_pairs_hook=once)
    same = decision and value and decision.index == said["decision_entry"]
    need(same, "The record, or the proof of the decision, is not attached as the log says.")
    printed = (value["request"]["number"], value["decision"]["choice"])
    same = printed == (issued.said["request"]["number"], CHOICES[decision.said["type"]])
    need(same and decision.said["request"] == issued.said["request"], "It prints another decision than the log has.")
    return Verdict(issued, decision, value, sorted({*issued.unknown, *decision.unknown}), added)


def words(verdict):
    issued, entry, value, act = verdict.issued, verdict.decision, verdict.value, verdict.value["decision"]
    seen = [f"{name} at {time.strftime(TIME, time.gmtime(at))}" for name, at in issued.witnesses.items()]
    lines = [
        f"Request {value['request']['number']} of {value['site']['name']}: {value['indication']['name']}.",
        f"{act['words']} by {act['by']} ({act['role']}), {act['at']['local'].replace('T', ' ')} {act['at']['zone']}.",
        f"Marked: {value['mark']}." if value["mark"] else "",
        f"The decision is entry {entry.index} of the log {entry.origin}, among {entry.size} signed.",
        f"The document is entry {issued.index}, issued {issued.said['at'][:19]}Z, among {issued.size} signed.",
        f"Cosigned by {', '.join(seen)}." if seen else "No witness has cosigned it.",
        f"Also signed by a key that is not among yours: {', '.join(verdict.unknown)}." if verdict.unknown else "",
        "Whether a later decision or document exists no file can tell: ask the hospital.",
    ]
    return [shown(line) for line in lines if line]


def main(arguments):
    sys.stdout.reconfigure(errors="replace")  # a terminal may lack the letters of a name
    prefix, refused = arguments[:1] == ["--prefix"], 0
    try:
        with open((arguments[prefix:] or [""])[0], "rb") as file:
            keys = read_keys(file.read(MOST_KEY_BYTES).decode("utf-8-sig"))
    except (OSError, ValueError, NotGenuine) as fault:
        sys.exit(f"{__doc__}\nThe keys cannot be used. {fault}")
    for path in arguments[1 + prefix :]:
        try:
            with open(path, "rb") as file:
                verdict = examine(file.read(MOST_BYTES + 1), keys, time.time(), prefix)
            first = "GENUINE at first; what was added can change what is shown" if verdict.added else "GENUINE"
            lines = [first + (", with a line by a key not among yours" if verdict.unknown else ""), *words(verdict)]
        except (OSError, NotGenuine) as fault:
            lines, refused = ["REFUSED", str(fault)], 1
        print(f"{shown(path)}: " + "\n    ".join(lines))
    return refused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
