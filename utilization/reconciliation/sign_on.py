"""Who people are at the identity provider, as the entries tell it."""

from dataclasses import dataclass, field

from utilization.reconciliation.comparison import Expected, RowComparison
from utilization.reconciliation.entries import ToldEntry

_LINK = "utilization_signonlink"


@dataclass(slots=True)
class SignOnReplay:
    """Follows the entries about links, one row a person; each of the sites where a person works tells the same."""

    links: dict[int, Expected] = field(default_factory=dict)

    def take(self, entry: ToldEntry) -> None:
        """Follow one entry. Raises one of `FAULTS` where it makes no sense."""
        said = entry.data
        if entry.type == "sign_on.unlinked":
            self.links.pop(said["person"], None)
        elif entry.type == "sign_on.linked":
            columns = {
                "user_id": said["person"], "issuer": said["issuer"], "subject": said["subject"],
                "linked_at": entry.at, "linked_by_id": entry.actor,
            }  # fmt: skip
            self.links[said["person"]] = Expected(columns, entry.seq, entry.site)

    def hold(self, comparison: RowComparison) -> None:
        """Hold the rows against what was told."""
        expected = dict(self.links)
        for rows in comparison.portions(_LINK):
            comparison.hold(_LINK, ("user_id",), expected, rows)
        comparison.miss(_LINK, expected)
