"""The bundle, registry entry and Kubernetes objects against the tools that take them, and against the program itself.

- the bundle for desktop clients: `mcpb validate` and `mcpb pack` take it, it lists the tools that the server has, and what
  comes out of it answers when started as its manifest says;
- the entry for the MCP registry: valid by the registry's schema;
- the Kubernetes objects: `kubectl kustomize` yields them, each is what the API accepts, with no field that it doesn't
  know; pods are as restricted as `packaging/README.md` says;
- started as image and Deployment start it, the program answers the probes, and nobody who has no token;
- the NetworkPolicies are those that the program generates, byte for byte. To make them anew:
  pci-compliance-mcp generate --stack packaging/kubernetes/own-stack/stack-metadata.yaml --out packaging/kubernetes/policies
"""

import functools
import json
import re
import sys
import tempfile
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import harness
import jsonschema
import kubernetes_api
from harness import ROOT, run

PACKAGING = ROOT / "packaging"
OBJECTS = PACKAGING / "kubernetes"
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]

# `preStop.sleep` came with 1.29, and is on without asking since 1.30.
OLDEST = (1, 30)


def bundle(program, fail):
    mcpb = PACKAGING / "mcpb" / "node_modules" / ".bin" / "mcpb"
    run(ROOT / "conformance" / "install", PACKAGING / "mcpb")
    manifest = json.loads((PACKAGING / "mcpb" / "manifest.json").read_text())
    run(mcpb, "validate", PACKAGING / "mcpb" / "manifest.json")
    if manifest["version"] != VERSION:
        fail(f"the manifest is of {manifest['version']}, the program of {VERSION}")
    with tempfile.TemporaryDirectory() as folder:
        packed, unpacked = Path(folder) / "x.mcpb", Path(folder) / "unpacked"
        run(PACKAGING / "mcpb" / "pack", program, packed)
        run(mcpb, "unpack", packed, unpacked)
        packed_manifest = json.loads((unpacked / "manifest.json").read_text())
        if packed_manifest["compatibility"]["platforms"] != [sys.platform]:
            fail(f"the bundle says that it is for {packed_manifest['compatibility']['platforms']}")
        server = packed_manifest["server"]
        if (unpacked / server["entry_point"]).read_bytes() != Path(program).read_bytes():
            fail("another program comes out of the bundle than went in")
        values = {
            "__dirname": str(unpacked),
            "user_config.stack": str(ROOT / "fixtures" / "demo" / "stack-metadata.yaml"),
            "user_config.level": packed_manifest["user_config"]["level"]["default"],
        }
        words = [server["mcp_config"]["command"], *server["mcp_config"]["args"]]
        words = [re.sub(r"\$\{([^}]+)\}", lambda found: values[found[1]], word) for word in words]
        listed = [tool["name"] for tool in harness.tools(words)]
        told = [tool["name"] for tool in manifest["tools"]]
        if listed != told:
            fail(f"the manifest lists {told}, the server {listed}")
        return f"{packed.stat().st_size >> 20} MiB, {len(listed)} tools"


def registry(_, fail):
    import skillsaw

    entry = json.loads((PACKAGING / "server.json").read_text())
    dated = re.search(r"/schemas/(\d{4}-\d\d-\d\d)/", entry["$schema"])[1]
    folder = Path(skillsaw.__file__).parent / "schemas" / "mcp_registry" / f"v{dated.replace('-', '_')}"
    schema = json.loads((folder / "server.schema.json").read_text())
    for error in jsonschema.Draft7Validator(schema).iter_errors(entry):
        fail(f"server.json is not valid: {'/'.join(map(str, error.absolute_path))}: {error.message}")
    versions = [entry["version"], *(package["identifier"].rpartition(":")[2] for package in entry["packages"])]
    if set(versions) != {VERSION}:
        fail(f"server.json is of {versions}, the program of {VERSION}")
    return f"valid by the schema of {dated}"


def objects():
    return {(one["kind"], one["metadata"]["name"]): one for one in kubernetes_api.kustomized(OBJECTS)}


def kustomized(_, fail):
    found = objects()
    versions = kubernetes_api.versions(OLDEST)
    for (kind, name), one in found.items():
        for error in kubernetes_api.errors(one, versions):
            fail(f"{kind} {name} {error}")
        if kind != "Namespace" and one["metadata"]["namespace"] != "pci":
            fail(f"{kind} {name} is of namespace {one['metadata'].get('namespace')}")
        if kind == "Secret":
            fail(f"there is a Secret, {name}: what is secret has no place in a repository")

    pod = found["Deployment", "pci-compliance"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    wanted = {
        "no token of the API": pod["automountServiceAccountToken"] is False,
        "not root": pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0,
        "seccomp": pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"},
        "a root file system that is read": container["securityContext"]["readOnlyRootFilesystem"],
        "no capabilities": container["securityContext"]["capabilities"] == {"drop": ["ALL"]},
        "no more privileges": container["securityContext"]["allowPrivilegeEscalation"] is False,
        "nothing mounted by subPath, which would never change": all("subPath" not in one for one in container["volumeMounts"]),
        "a limit of memory": "memory" in container["resources"]["limits"],
        "two replicas, of which one may go": found["Deployment", "pci-compliance"]["spec"]["replicas"] == 2
        and found["PodDisruptionBudget", "pci-compliance"]["spec"]["minAvailable"] == 1,
        "this version": container["image"].endswith(f":{VERSION}"),
    }
    for what, holds in wanted.items():
        if not holds:
            fail(f"the Deployment lacks: {what}")
    return f"{len(found)} objects, valid in {versions[0]} and {versions[-1]}"


def started(program, fail):
    """The program with the words of image and Deployment, the paths being those of a folder here."""
    text = (PACKAGING / "Dockerfile").read_text()
    entry = json.loads(re.search(r"^ENTRYPOINT (.*)$", text, re.M)[1])
    (container,) = objects()["Deployment", "pci-compliance"]["spec"]["template"]["spec"]["containers"]
    token = "check-0123456789abcdef0123456789"
    with tempfile.TemporaryDirectory() as folder:
        for inner, name, content in [
            ("stack", "stack-metadata.yaml", (ROOT / "fixtures/demo/stack-metadata.yaml").read_text()),
            ("stack", "pci-profile.yaml", (ROOT / "fixtures/demo/pci-profile.yaml").read_text()),
            ("tokens", "bearer", token + "\n"),
        ]:
            (Path(folder) / inner).mkdir(exist_ok=True)
            (Path(folder) / inner / name).write_text(content)
        words = [word.replace("/etc/pci-compliance", folder) for word in [*entry[1:], *container["args"]]]
        if ("0.0.0.0:8080" not in words) or f"EXPOSE {container['ports'][0]['containerPort']}" not in text:
            fail("image and Deployment do not agree on the port")
        # The same, but where nobody else reaches it, and on any port.
        words = [word.replace("0.0.0.0:8080", "127.0.0.1:0") for word in words]
        with harness.served([program, *words]) as address:
            for probe in ("livenessProbe", "readinessProbe"):
                path = container[probe]["httpGet"]["path"]
                # The kubelet asks by the pod's address.
                if (status := ask(address + path, host="10.1.2.3:8080")) != 200:
                    fail(f"{probe} at {path} is answered with {status}")
            ping = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode()
            asked = functools.partial(ask, address + "/mcp", body=ping)
            for host, shown, expected in [
                ("pci-compliance.pci.svc:8080", token, 200),
                ("pci-compliance.pci.svc.cluster.local:8080", token, 200),
                ("pci-compliance.pci.svc:8080", None, 401),
                ("pci-compliance.pci.svc:8080", token[:-1], 401),
                ("elsewhere.example", token, 403),
            ]:
                if (status := asked(host=host, token=shown)) != expected:
                    fail(f"{host}, {'with' if shown else 'without'} a token: {status}, not {expected}")
    return "probes, tokens and names as they should be"


def ask(url, host, token=None, body=None):
    headers = {"Host": host, "Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        return urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30).status
    except urllib.error.HTTPError as error:
        return error.code


def policies(program, fail):
    kept, stack = OBJECTS / "policies", "packaging/kubernetes/own-stack/stack-metadata.yaml"

    def applied(folder):
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".json" or path.suffix == ".yaml"}

    with tempfile.TemporaryDirectory() as folder:
        # In a folder of its own in that: one that is replaced as a whole.
        made = Path(folder) / "policies"
        run(program, "generate", "--stack", stack, "--out", made, cwd=ROOT)
        manifest = json.loads((made / "networkpolicy-manifest.json").read_text())
        fresh, there = applied(made), applied(kept)
    # What the program writes beside them is not kept in the repository.
    fresh.pop("networkpolicy-manifest.json"), there.pop("networkpolicy-manifest.json", None)
    for name in sorted(fresh.keys() | there.keys()):
        if fresh.get(name) != there.get(name):
            fail(f"policies/{name} is not what is generated: this check's first lines say how to make it anew")
    if not manifest["proof"]["holds"]:
        fail("the proof does not hold")
    run(program, "verify", "--stack", stack, "--against", kept, cwd=ROOT)
    return f"{len(manifest['policies'])} policies, as generated"


def main():
    program, report = harness.binary(), harness.Report()
    checks = {"bundle": bundle, "registry": registry, "objects": kustomized, "start": started, "policies": policies}
    for what, check in checks.items():
        report.check(what, functools.partial(check, program))
    report.end()


main()
