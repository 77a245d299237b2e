"""Generated policies against the tools that will read them.

For every stack under fixtures/ and the embedded demo, at both levels that make policies:
- generating twice gives the same files with the same bytes;
- `kubectl kustomize` takes the folder and yields exactly the policies that the manifest lists;
- the Kubernetes API accepts each policy, without unknown fields, in the oldest and the newest version that
  kubernetes-validate knows.
"""

import functools
import hashlib
import json
import tempfile
from collections import Counter
from pathlib import Path

import harness
import kubernetes_api

LEVELS = ["pci_dss_strict", "standard"]


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def check(program, stack, level, fail):
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "first", Path(folder) / "again"
        manifest = harness.generate(program, stack, level, first)
        harness.generate(program, stack, level, second)
        files, again = content(first), content(second)
        objects = kubernetes_api.kustomized(first)

    for file in sorted(files.keys() | again.keys()):
        if files.get(file) != again.get(file):
            fail(f"{file} is not the same when generated twice")

    listed = {entry["file"]: entry["sha256"] for entry in manifest["files"]}
    found = {file: hashlib.sha256(files[file]).hexdigest() for file in files.keys() - {"networkpolicy-manifest.json"}}
    for file in sorted(listed.keys() | found.keys()):
        if listed.get(file) != found.get(file):
            fail(f"{file} has the SHA-256 {found.get(file)}; the manifest lists {listed.get(file)}")

    wanted = Counter(("NetworkPolicy", policy["namespace"], policy["name"]) for policy in manifest["policies"])
    made = Counter((one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in objects)
    for one in sorted((wanted - made) + (made - wanted)):
        fail(f"{one}: the manifest lists {wanted[one]}, kubectl kustomize yields {made[one]}")

    versions = kubernetes_api.versions()
    for policy in manifest["policies"]:
        for error in kubernetes_api.errors(json.loads(files[policy["file"]]), versions):
            fail(f"{policy['file']} {error}")
    if not wanted:
        fail("no policies at all")
    return f"{len(manifest['policies'])} policies"


def main():
    program, report = harness.binary(), harness.Report()
    for name, stack in harness.stacks().items():
        for level in LEVELS:
            report.check(f"{name} at {level}", functools.partial(check, program, stack, level))
    report.end()


main()
