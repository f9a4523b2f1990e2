"""Keep what was graded: each submission's files as they were read, in a zip that is called by their hash."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ...files import write_atomically
from ...i18n import _
from ..result import Result
from ..submissions.bundle import Bundle, printable, read_submission
from ..submissions.submission import Submission

KEPT = "kept"  # the folder in that of the run
MOST = 1 << 30  # bytes of all zips of a run
EARLIEST, LATEST = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1980, 2107))  # of a file in a zip


@dataclass
class GradedFiles:
    """The zips of a run, and the submissions that have none, with the reason."""

    folder: Path
    submissions: dict[str, Submission]
    size: int = 0  # bytes of all zips
    count: int = 0
    left_out: dict[str, str] = field(default_factory=dict)

    def store(self, result: Result) -> None:
        """Keep the files of a result, unless they are there already. Raises OSError."""
        target = self.folder / f"{result.content_hash}.zip"
        if not target.exists() and (why := self.write(result, target)):
            self.left_out[result.submission] = why

    def write(self, result: Result, target: Path) -> str:
        """Write the zip of a result. Return why not, "" if it is written. Raises OSError."""
        bundle = read_submission(self.submissions[result.submission])
        if bundle.refused or not bundle.files:
            return _("nothing of it was graded")
        if bundle.content_hash != result.content_hash:
            return _("its files have changed since")
        content = pack(bundle)
        if self.size + len(content) > MOST:
            return _("the zips of a run have {most} MB at most").format(most=MOST >> 20)
        write_atomically(target, content)
        self.size, self.count = self.size + len(content), self.count + 1
        return ""

    def describe(self) -> list[str]:
        """Return the sentences on what was kept and what was not."""
        text = _("graded files are kept in {folder}, {count} more, together {size} KB; results.jsonl has their hashes")
        said = [text.format(count=self.count, folder=self.folder, size=-(-self.size >> 10))]
        text = _("not kept: {name}: {why}")
        return said + ["  " + text.format(name=name, why=why) for name, why in self.left_out.items()]


def open_folder(out: Path, submissions: list[Submission]) -> GradedFiles:
    """Make the folder for the zips of a run. Raises OSError."""
    folder = out / KEPT
    folder.mkdir(parents=True, exist_ok=True)
    size = sum(file.stat().st_size for file in folder.glob("*.zip"))
    return GradedFiles(folder, {one.name: one for one in submissions}, size)


def after(write: Callable[[Result], None], zips: GradedFiles) -> Callable[[Result], None]:
    """Return a function that writes a result's pages, then keeps its files."""

    def write_and_store(result: Result) -> None:
        write(result)
        zips.store(result)

    return write_and_store


def pack(bundle: Bundle) -> bytes:
    """Return a zip with the files of a submission and their times. Equal files at equal times make equal zips."""
    content, times = io.BytesIO(), dict(bundle.times)
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in bundle.files:
            changed = datetime.fromtimestamp(min(max(times.get(name, 0), EARLIEST), LATEST), UTC)
            info = zipfile.ZipInfo(printable(name), changed.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return content.getvalue()
