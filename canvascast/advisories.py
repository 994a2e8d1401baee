"""`make audit`: which locked packages have known weaknesses; exit 1 if any has, 2 if nobody could be asked about some.

Where its source does not answer, pip-audit reports each package as skipped, says that it knows of nothing, and ends
well. Here a package that nobody could be asked about is not a sound one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

from canvascast.lock_files import ROOT, SETS

PIP_AUDIT = ROOT / ".venv-tools" / "bin" / "pip-audit"
ALL_WELL, WEAK, UNKNOWN = 0, 1, 2


@dataclass
class Audit:
    """What is known of the packages of all lock files together, as `name version`."""

    sound: set[str] = field(default_factory=set)
    weak: dict[str, list[str]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    def add(self, report: dict[str, Any]) -> None:  # Any: pip-audit's JSON
        """Take in what pip-audit says of one lock file."""
        for package in report["dependencies"]:
            name = f"{package['name']} {package.get('version', '')}".strip()
            if "skip_reason" in package:
                self.unknown.add(name)
            elif package["vulns"]:
                self.weak[name] = [_weakness(one) for one in package["vulns"]]
            else:
                self.sound.add(name)

    def lines(self) -> list[str]:
        """Return the findings and a verdict in words."""
        found = [f"{name}: {weakness}" for name, all_of_it in sorted(self.weak.items()) for weakness in all_of_it]
        if self.unknown:
            found.append(f"audit: nothing could be learnt of {len(self.unknown)} packages: {_some(self.unknown)}.")
            found.append(
                "audit: NOT DONE. The source of advisories did not answer for them; ask where it is reachable."
            )
        asked = len(self.sound) + len(self.weak)
        return [*found, f"audit: {asked} packages looked up, {len(self.weak)} with known weaknesses"]

    @property
    def exit_code(self) -> int:
        return WEAK if self.weak else UNKNOWN if self.unknown or not self.sound else ALL_WELL


def main(arguments: list[str]) -> int:
    """Ask about every lock file and print what is known."""
    audit = Audit()
    for one in SETS:
        file = f"requirements{one.name}.txt"
        command = [str(PIP_AUDIT), "--vulnerability-service", "pypi", "--disable-pip", "--no-deps", "--format", "json"]
        result = subprocess.run(  # noqa: S603 - the command above
            [*command, *arguments, "--progress-spinner", "off", "-r", file],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            audit.add(json.loads(result.stdout))
        except json.JSONDecodeError:
            print(f"audit: NOT DONE. {file} could not be asked about: {_last_line(result.stderr)}")  # noqa: T201 - output
            return UNKNOWN
    print(*audit.lines(), sep="\n")  # noqa: T201 - a command's output
    return audit.exit_code


def _weakness(found: dict[str, Any]) -> str:  # Any: pip-audit's JSON
    names = ", ".join([found["id"], *found["aliases"]])
    fixed = ", ".join(found["fix_versions"])
    return f"{names} ({f'fixed in {fixed}' if fixed else 'no fixed version'})"


def _some(names: set[str]) -> str:
    first = sorted(names)[:5]
    return ", ".join(first) + (", …" if len(names) > len(first) else "")


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no answer"])[-1][:300]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
