"""Makes the bill of materials of the program: CycloneDX 1.5, every crate of it with version, digest and licence.

usage: sbom.py [FILE]     default: target/pci-compliance-mcp.cdx.json

It is made by cargo-cyclonedx from Cargo.lock, made twice, and is the same bytes each time: no time, no serial number, no
path of the machine. It is valid by the schema of CycloneDX, and holds exactly what cargo says that the program is built of: what
tests and measurements need is not in it.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from common import ROOT, Report, Wrong, with_packages

with_packages()

from cyclonedx.schema import SchemaVersion  # noqa: E402
from cyclonedx.validation.json import JsonStrictValidator  # noqa: E402

PROGRAM = "pci-compliance-mcp"
# What is shipped runs on Linux; a bill of all platforms would list what is in no program.
TARGET = os.environ.get("SBOM_TARGET", "x86_64-unknown-linux-gnu")
STAGED = "bill-of-materials"


def drawn():
    """The bill, as cargo-cyclonedx makes it, without what differs from run to run and from machine to machine."""
    made = ROOT / f"{STAGED}.json"
    command = ["cargo", "cyclonedx", "--format", "json", "--spec-version", "1.5", "--target", TARGET]
    command += ["--override-filename", STAGED, "--quiet"]
    try:
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "SOURCE_DATE_EPOCH": "0"})
        text = made.read_text()
    finally:
        made.unlink(missing_ok=True)
    # The program's own references name the folder that it was built in.
    text = re.sub(r"path\+file://[^#\"]*", "path+file:///", text)
    text = re.sub(r"\?download_url=file:[^\"#]*", "", text)
    bill = json.loads(text)
    bill.pop("serialNumber", None)
    bill["metadata"].pop("timestamp", None)
    without_what_others_need(bill)
    return json.dumps(bill, indent=2, ensure_ascii=False) + "\n"


def without_what_others_need(bill):
    """Cargo's metadata, which the bill is made from, switches on in a crate whatever anybody asks of it, tests and other
    platforms too. What comes in so is not in the program: it goes, and so does every reference to it."""
    program = built_of()
    bill["components"] = [one for one in bill["components"] if (one["name"], one["version"]) in program]
    kept = {one["bom-ref"] for one in (*bill["components"], bill["metadata"]["component"])}
    bill["dependencies"] = [one for one in bill["dependencies"] if one["ref"] in kept]
    for one in bill["dependencies"]:
        if "dependsOn" in one:
            one["dependsOn"] = [ref for ref in one["dependsOn"] if ref in kept]


def built_of():
    """What cargo says that the program is built of: (name, version) of each crate, itself left out."""
    command = ["cargo", "tree", "--locked", "--edges", "normal,build", "--target", TARGET, "--prefix", "none"]
    command += ["--format", "{p}", "--no-dedupe"]
    lines = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
    crates = {tuple(line.split()[:2]) for line in lines if line}
    return {(name, version.removeprefix("v")) for name, version in crates if name != PROGRAM}


def main():
    out = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target" / f"{PROGRAM}.cdx.json")
    report = Report()
    text = drawn()
    if drawn() != text:
        report.fail("the bill", "is another one when made again")
    if str(ROOT) in text or str(Path.home()) in text:
        report.fail("the bill", "names folders of this machine")
    if wrong := JsonStrictValidator(SchemaVersion.V1_5).validate_str(text):
        report.fail("the schema of CycloneDX 1.5", wrong)
    components = json.loads(text)["components"]
    lacking = built_of() - {(one["name"], one["version"]) for one in components}
    if lacking:
        report.fail("not in the bill", ", ".join(f"{name} {version}" for name, version in sorted(lacking)))
    for one in components:
        for field in ("licenses", "hashes", "purl"):
            if not one.get(field):
                report.fail(f"{one['name']} {one['version']}", f"has no {field}")
    report.end()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text)
    report.good("bill of materials", f"{len(components)} crates, in {out}")


try:
    main()
except (Wrong, subprocess.CalledProcessError) as error:
    sys.exit(str(error))
