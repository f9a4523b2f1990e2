"""The history of benchmarks: append the JSON of `convcheck bench` to a list of runs, one entry per commit and run.

    convcheck bench --quick --json now.json && python -m reference_tests.benchmarks.history now.json history.json

The list is for plots. Nothing is asserted: machines differ, so an entry holds its environment.
"""

import argparse
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from ..files import write_atomically

KEPT = ("load", "dtype", "part", "ratio", "least")


def append(measured: Path, history: Path) -> dict[str, Any]:
    """Append a run to the history, which is made if it does not exist; return the entry.

    Raises OSError, and ValueError for a file that is not JSON.
    """
    runs = json.loads(history.read_text(encoding="utf-8")) if history.exists() else []
    runs.append(entry(json.loads(measured.read_text(encoding="utf-8"))))
    write_atomically(history, json.dumps(runs, indent=1) + "\n")
    return runs[-1]


def entry(report: dict[str, Any]) -> dict[str, Any]:
    """Reduce bench's JSON to its ratios and median seconds, with the commit and the time (UTC)."""
    rows = [
        {**{key: row[key] for key in KEPT}, "seconds": {name: median(times) for name, times in row["seconds"].items()}}
        for row in report["rows"]
    ]
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"commit": current_commit(), "time": now, "environment": report["environment"], "rows": rows}


def current_commit() -> str:
    """Return the commit of the checkout, "" outside of one."""
    command = ["git", "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent, check=False)
    return done.stdout.strip()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Append the JSON of `convcheck bench` to a history.")
    parser.add_argument("measured", type=Path)
    parser.add_argument("history", type=Path)
    given = parser.parse_args()
    append(given.measured, given.history)
