"""The log of a build of a registry: a blob that is appended to while the build goes on."""

from collections.abc import Iterator
from dataclasses import dataclass

from mlops_iac_azure import rest
from mlops_iac_azure.session import Place, session

TIMEOUT_SECONDS = (10.0, 600.0)
"""To connect to the registry's own storage, and between two bytes of it."""


@dataclass
class BuildLog:
    """The log of a build, read as it grows."""

    where: Place
    run: str
    last: str = ""
    """The last line that was told."""
    _read: int = 0
    _rest: str = ""

    def news(self) -> Iterator[str]:
        """Yield the lines that were not told yet; none while there is no log."""
        text = self._rest + self._more()
        *lines, self._rest = text.split("\n")
        for line in lines:
            if line.strip():
                self.last = line.rstrip()
                yield self.last

    def _more(self) -> str:
        told = rest.call(self.where, "POST", f"{self.run}/listLogSasUrl", repeatable=True)
        answer = session(self.where).get(
            told["logLink"], headers={"Range": f"bytes={self._read}-"}, timeout=TIMEOUT_SECONDS
        )
        if not answer.ok:  # not begun (404), or nothing new (416)
            return ""
        self._read += len(answer.content)
        return answer.content.decode(errors="replace")
