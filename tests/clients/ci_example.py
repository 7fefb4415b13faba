"""Runs the CI example as a CI would: quiet while nothing moves, and red, with the cause named, as soon as something does.

Usage: python ci_example.py TURNSET_BINARY
"""

from checks import Broken, check, refused, require

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import yaml

HOUSE = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = HOUSE / "examples" / "ci"
CALLS = HOUSE / "fixtures" / "calls"
# Takes the place of turnset, and changes what it built before anybody verifies it.
SPOILER = """#!/bin/sh
"{turnset}" "$@" || code=$?
[ "$1" != build ] || echo changed >> "{out}/dataset/README.md"
exit ${{code:-0}}
"""


def main(args):
    if len(args) != 1:
        sys.exit("usage: ci_example.py TURNSET_BINARY")
    turnset = str(pathlib.Path(args[0]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        Place(turnset, pathlib.Path(folder)).checks()
    workflows()


class Place:
    """A folder laid out as the example's README says, with a copy of the fixtures for calls."""

    def __init__(self, turnset, folder):
        self.turnset = turnset
        self.folder = folder
        shutil.copytree(EXAMPLE, folder / "ci")
        shutil.copytree(CALLS, folder / "calls")
        self.expected = folder / "ci" / "expected.json"

    def checks(self):
        with check("nothing moved"):
            self.passes()
        with check("--set moves the samples"):
            self.drifts("recipe", ["--", "--set", "judge.fillers=keep"], samples=True)
        with check("another recipe moves the samples"):
            other = self.folder / "other.toml"
            recipe = (self.folder / "ci" / "turnset.toml").read_text(encoding="utf-8")
            other.write_text(recipe.replace("validation = 0.15", "validation = 0.4"), encoding="utf-8")
            self.drifts("recipe", recipe=other.name, samples=True)
        with check("another text moves the digest alone"):
            self.drifts("recipe", ["--", "--set", 'system="Answer briefly."'], samples=False)
        with check("a key for the users moves the digest alone"):
            self.drifts("users_keyed", samples=False, TURNSET_USER_KEY="0123456789abcdef" * 4)
        with check("a recipe that only adds a format moves nothing"):
            self.passes(["--", "--set", 'output.chat=["openai", "trl"]'])
        with check("calls in one file move nothing"):
            self.packed()
        with check("a call that is gone moves the samples"):
            (self.folder / "calls" / "long_call_en.json").unlink()
            said = self.drifts("inputs", samples=True)
        with check("the command it prints accepts the new state"):
            command = next(line for line in said.splitlines() if "--accept" in line)
            accepted = self.run(shlex.split(command))
            require(accepted.returncode == 0, f"exit {accepted.returncode}: {accepted.stderr}")
            self.passes()
        with check("what was changed after the build is refused"):
            spoiler = self.folder / "spoiler"
            spoiler.write_text(SPOILER.format(turnset=self.turnset, out=self.folder / "regenerated"), encoding="utf-8")
            spoiler.chmod(0o755)
            run = self.regenerate(TURNSET=str(spoiler))
            require(run.returncode == 1 and "not verified" in run.stderr, f"exit {run.returncode}: {run.stderr}")
            require("--accept" not in run.stderr, "it offers to accept it")
        with check("a recipe that cannot be read is no drift"):
            run = self.regenerate(["--", "--set", "no.such.key=1"])
            require(run.returncode == 2 and "not built" in run.stderr, f"exit {run.returncode}: {run.stderr}")
        with check("a baseline that cannot be read is no drift"):
            kept = self.expected.read_text(encoding="utf-8")
            self.expected.write_text("{", encoding="utf-8")
            run = self.regenerate()
            require(run.returncode == 1 and "--accept" not in run.stderr, f"exit {run.returncode}: {run.stderr}")
            self.expected.write_text(kept, encoding="utf-8")
        with check("without a baseline it says how to make one"):
            self.expected.unlink()
            run = self.regenerate()
            require(run.returncode == 2 and "--accept" in run.stderr, f"exit {run.returncode}: {run.stderr}")
        with check("--accept makes one"):
            run = self.regenerate(first=["--accept"])
            require(run.returncode == 0, f"exit {run.returncode}: {run.stderr}")
            self.passes()

    def regenerate(self, options=(), first=(), recipe="ci/turnset.toml", calls="calls", **environment):
        command = ["ci/regenerate.sh", *first, "--out", "regenerated", calls, recipe, "ci/expected.json", *options]
        return self.run(command, **environment)

    def run(self, command, **environment):
        # Whoever runs this may have a key, with which the baseline was not made.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TURNSET")}
        environment = {**inherited, "TURNSET": self.turnset, **environment}
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True)

    def passes(self, options=(), **changed):
        run = self.regenerate(options, **changed)
        require(run.returncode == 0, f"exit {run.returncode}: {run.stderr}")
        require("no drift" in run.stderr, f"it does not say so: {run.stderr}")

    def drifts(self, cause, options=(), *, samples, **changed):
        """Requires that the digest moved, that `cause` alone is named for it, and that it is told how to accept that."""
        before = self.expected.read_bytes()
        run = self.regenerate(options, **changed)
        require(run.returncode == 1, f"exit {run.returncode}: {run.stderr}")
        _, drift, said = run.stderr.partition("drift: ")
        require(drift, f"no word of drift: {run.stderr}")
        require(re.search(r"content_digest: \S+ -> \S+", said), f"no word of the digest: {said}")
        moved = re.findall(r"samples of (\w+): \d+ -> \d+", said)
        require(bool(moved) == samples, f"samples moved: {moved}")
        causes = re.findall(r"(\w+): \S+ -> \S+$", said.partition("made from:")[2], re.MULTILINE)
        require(causes == [cause], f"the cause is {cause}, and it names {causes}")
        require("--accept" in said, f"no word of how to accept it: {said}")
        require(self.expected.read_bytes() == before, "it changed the baseline unasked")
        return said

    def packed(self):
        """The digest is of the samples, and not of how the calls lie there."""
        good = sorted(path for path in CALLS.glob("*.json*") if path.suffix in (".json", ".jsonl"))
        folder = self.folder / "packed"
        folder.mkdir()
        with (folder / "calls.tar").open("wb") as file:
            subprocess.run(["tar", "-C", CALLS, "-c", *(path.name for path in good)], stdout=file, check=True)
        self.passes(calls="packed")


def workflows():
    with check("github-actions.yml"):
        github(yaml.safe_load((EXAMPLE / "github-actions.yml").read_text(encoding="utf-8")))
    with check("the snippet for GitLab"):
        gitlab(snippet())
    with refused("a script that is not there", Broken):
        runs_the_script(["ci/no_such_script.sh --out regenerated calls ci/turnset.toml ci/expected.json"])
    with refused("a report from elsewhere", Broken):
        kept_report(["out/dataset/report.html"])


def github(workflow):
    # YAML 1.1 reads the key `on` as true.
    require({"push", "pull_request"} <= set(workflow[True]), "it does not run on pushes and pull requests")
    steps = workflow["jobs"]["regenerate"]["steps"]
    runs_the_script([step["run"] for step in steps if "run" in step])
    kept_report([step["with"]["path"] for step in steps if step.get("uses", "").startswith("actions/upload-artifact@")])


def snippet():
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    return yaml.safe_load(re.search(r"```yaml\n(.*?)```", readme, re.DOTALL)[1])


def gitlab(pipeline):
    job = pipeline["dataset"]
    lines = job["before_script"] + job["script"]
    require(all(isinstance(line, str) for line in lines), f"not all of it is text: {lines}")
    runs_the_script(lines)
    kept_report(job["artifacts"]["paths"])


def runs_the_script(lines):
    scripts = [shlex.split(line) for line in lines if line.startswith("ci/")]
    require(len(scripts) == 1, f"it runs {scripts}")
    (script, *arguments) = scripts[0]
    # ci/ is where the README tells to copy this folder's files.
    for path in (script, *(argument for argument in arguments if argument.startswith("ci/"))):
        require((EXAMPLE / path.removeprefix("ci/")).is_file(), f"{path} is not in examples/ci")
    require(os.access(EXAMPLE / script.removeprefix("ci/"), os.X_OK), f"{script} cannot be executed")


def kept_report(paths):
    require(paths == ["regenerated/dataset/report.html"], f"it keeps {paths}")


if __name__ == "__main__":
    main(sys.argv[1:])
