"""One line of what `manage.py doctor` says."""

from dataclasses import dataclass

OK, WARN, FAIL = "OK", "WARN", "FAIL"


@dataclass(frozen=True, slots=True)
class DoctorLine:
    """How one thing is: `level` is OK, WARN (works, and should be put right) or FAIL (does not work, or is not safe).

    `about` names the thing, `says` how it is, and `mend` the command or setting that puts it right; empty where nothing
    is wrong.
    """

    level: str
    about: str
    says: str
    mend: str = ""

    def __str__(self) -> str:
        # What a program or a database said may be of several lines.
        said = f"{self.about}: {self.says}" + (f" → {self.mend}" if self.mend else "")
        return f"{self.level:4}  {' '.join(said.split())}"
