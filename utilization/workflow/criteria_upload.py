"""A file as somebody uploads it to a draft of criteria: one YAML text, or a zip of them, unpacked within limits.

Whatever is wrong with it is said in words, with the line where there is one; nothing of it is kept then.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from utilization.rules.yaml_lines import MOST_CHARACTERS
from utilization.workflow.errors import Invalid

MOST_TEXT = MOST_CHARACTERS
"""Characters of one file: what the reader of packs takes."""
MOST_BYTES = MOST_CHARACTERS
"""Bytes of all texts of a draft together, and of an upload: what is within is within the reader's characters too. The
built-in pack has 0.2 million."""
MOST_FILES = 200
LONGEST_PATH = 120

_PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/){0,4}[A-Za-z0-9_][A-Za-z0-9_.-]*\.ya?ml", re.ASCII)
# What a page does not show and a second reader would not see: controls, and marks that turn the direction of text.
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff]")
_TEXTS = (".yaml", ".yml")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Upload:
    """What an upload holds: texts by path. `whole` says that it is a pack that takes the place of all files; `left_out`
    names what the zip holds besides.
    """

    files: Mapping[str, str]
    whole: bool
    left_out: tuple[str, ...] = ()


def read_upload(name: str, content: bytes) -> Upload:
    """The texts in an uploaded .yaml or .zip file. Raises Invalid on upload."""
    if len(content) > MOST_BYTES:
        raise _refused(f"The file is larger than {MOST_BYTES // 1_000_000} MB. A pack of criteria is far smaller.")
    suffix = PurePosixPath(name.lower()).suffix
    if suffix == ".zip" or content.startswith(b"PK\x03\x04"):
        return _unpacked(content)
    if suffix not in _TEXTS:
        raise _refused(f"{name!r} is no .yaml and no .zip file. Upload one YAML file, or a zip of a pack's folder.")
    # A browser names the file alone; some send its folders too.
    path = clean_path(re.split(r"[\\/]", name)[-1], field="upload")
    return Upload({path: decoded(path, content)}, whole=False)


def clean_path(raw: str, field: str = "path") -> str:
    """`raw` as the path of a file in a draft. Raises Invalid."""
    path = raw.strip()
    if len(path) > LONGEST_PATH or not _PATH.fullmatch(path):
        told = (
            f"{path[:LONGEST_PATH]!r} cannot be the name of a file here. Name it like clauses/cidp.yaml: letters, "
            f"digits, . - and _, ending in .yaml, at most {LONGEST_PATH} characters."
        )
        raise Invalid({field: [told]})
    return path


def clean_source(raw: str, path: str, field: str = "text") -> str:
    """`raw` with line ends as \\n. Raises Invalid, with the line, for characters that nobody would see."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MOST_TEXT:
        told = f"{path} has {len(text):,} characters; expected at most {MOST_TEXT:,}. Split the file."
        raise Invalid({field: [told]})
    if hidden := _HIDDEN.search(text):
        line = text.count("\n", 0, hidden.start()) + 1
        told = f"{path}, line {line}: it holds a hidden character (U+{ord(hidden[0]):04X}). Type the line anew."
        raise Invalid({field: [told]})
    return text


def decoded(path: str, content: bytes) -> str:
    """The text of a file. Raises Invalid on upload, with the line, for bytes that are not UTF-8."""
    if content.startswith(_UTF16):
        raise _refused(f"{path} is UTF-16 text. Save it as UTF-8 and upload it again.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(
            f"{path}, line {line}: the byte {content[error.start]:#04x} is not UTF-8. Save the file as UTF-8 and "
            "upload it again."
        ) from None
    return clean_source(text, path, "upload")


def check_size(files: Mapping[str, str], field: str) -> None:
    """Refuse more files or text than a draft holds. Raises Invalid."""
    if len(files) > MOST_FILES:
        raise Invalid({field: [f"A draft holds at most {MOST_FILES} files; this would make {len(files)}."]})
    if sum(len(text.encode()) for text in files.values()) > MOST_BYTES:
        raise Invalid({field: [f"A draft holds at most {MOST_BYTES // 1_000_000} MB of text in all."]})


def _unpacked(content: bytes) -> Upload:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _texts_of(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError):
        raise _refused("The zip file is damaged or packed in a way that cannot be read. Pack it anew.") from None


def _texts_of(archive: zipfile.ZipFile) -> Upload:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > 5 * MOST_FILES:
        raise _refused(f"The zip file holds {len(entries)} files; a pack has at most {MOST_FILES}.")
    taken = [
        entry
        for entry in entries
        if PurePosixPath(entry.filename.lower()).suffix in _TEXTS and not _ours(entry.filename)
    ]
    if not taken:
        raise _refused("The zip file holds no .yaml file.")
    cut = _common_folder([file.filename for file in taken])
    files: dict[str, str] = {}
    left = MOST_BYTES
    for file in taken:
        path = clean_path(file.filename[cut:], field="upload")
        if path in files:
            raise _refused(f"The zip file holds {path} twice.")
        if file.flag_bits & _ENCRYPTED:
            raise _refused("The zip file is locked with a password. Pack it without one.")
        with archive.open(file) as packed:
            # Read no further than the limit, whatever size the archive declares: some unpack to a million times theirs.
            raw = packed.read(left + 1)
        left -= len(raw)
        if left < 0:
            raise _refused(f"Unpacked, the zip file is larger than {MOST_BYTES // 1_000_000} MB. Nothing was taken.")
        files[path] = decoded(path, raw)
    check_size(files, "upload")
    names = {file.filename for file in taken}
    left_out = tuple(entry.filename for entry in entries if entry.filename not in names and not _ours(entry.filename))
    return Upload(files, whole=True, left_out=left_out)


def _ours(name: str) -> bool:
    """Whether a computer put this into the zip by itself."""
    return "__MACOSX/" in name or PurePosixPath(name).name.startswith("._") or name.endswith(".DS_Store")


def _common_folder(names: list[str]) -> int:
    """How many characters the folder around the whole pack takes."""
    folders = {name.partition("/")[0] for name in names}
    inside = all("/" in name for name in names)
    # One folder around everything is the pack's own; with several the pack.yaml stands beside them.
    return len(folders.pop()) + 1 if len(folders) == 1 and inside else 0


def _refused(why: str) -> Invalid:
    return Invalid({"upload": [why]})
