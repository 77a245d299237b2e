#!/usr/bin/env python3
"""The program on a machine that fails: runs that are killed, disks that are full or read-only, permissions that are
missing, files that change while they are read, readers that have gone, clocks that jump.

usage: faults.py [BINARY] [FAULT ...]

Without names, all faults. Needs Linux, root (for mounts and another user), strace, openssl and libfaketime. What must
hold is in docs/faults.md, a row for each fault. FAULT_KILLS says how often a run is killed, 200 times by default.
"""

import base64
import contextlib
import ctypes
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from common import ROOT, Report, Wrong, binary, served  # noqa: E402

DEMO = ROOT / "fixtures" / "demo"
LEVELS = ("pci_dss_strict", "standard")
NOBODY = 65534
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)

report = Report()
program = ""


def run(*arguments, **options):
    """Runs the program to its end."""
    options = {"capture_output": True, "text": True, "timeout": 120, **options}
    done = subprocess.run([program, *map(str, arguments)], **options)
    if "panicked" in (done.stderr or ""):
        raise Wrong(f"`{' '.join(map(str, arguments))}` panicked: {done.stderr}")
    return done


def write(level, out, **options):
    return run("generate", "--stack", DEMO / "stack-metadata.yaml", "--level", level, "--out", out, **options)


def held(folder):
    """All files beneath a folder, by their paths."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def refused(what, done, *words):
    """Holds that a run said in a line what is wrong, and ended with 2."""
    said = done.stderr.strip()
    if done.returncode != 2 or not said.startswith("error: ") or not all(word in said for word in words):
        raise Wrong(f"{what}: ended with {done.returncode} and said {said!r}, wanted 2 and {words}")


def must(holds, what):
    if not holds:
        raise Wrong(what)


@contextlib.contextmanager
def place():
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def outputs(home):
    """The target in `home`, with a file of the user's, and what it holds at either level."""
    out, whole = home / "out", {}
    for level in LEVELS:
        must(write(level, out).returncode == 0, "nothing can be written at all")
        whole[level] = held(out)
    (out / "notes.txt").write_text("mine")
    return out, {level: {**files, "notes.txt": b"mine"} for level, files in whole.items()}


# --- Runs that are killed.

def killed(arguments, delay):
    """Kills a run after `delay` seconds; whether it was still running."""
    child = subprocess.Popen([program, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(delay)
    child.kill()
    return child.wait() == -signal.SIGKILL


def kills():
    """A folder is the old one or the new one, whole, whenever a run is killed; the next run leaves nothing else."""
    times, seed = int(os.environ.get("FAULT_KILLS", "200")), random.Random(7)
    with place() as home:
        out, whole = outputs(home)
        begun = time.monotonic()
        write(LEVELS[0], out)
        span = time.monotonic() - begun
        died = littered = 0
        for number in range(times):
            level = LEVELS[number % 2]
            arguments = ["generate", "--stack", DEMO / "stack-metadata.yaml", "--level", level, "--out", out]
            died += killed(arguments, (number + seed.random()) / times * span * 1.1)
            must(held(out) in whole.values(), f"kill {number}: a mixture of two folders")
            littered += len(os.listdir(home)) > 1
            other = LEVELS[(number + 1) % 2]
            done = write(other, out)
            must(done.returncode == 0, f"the run after kill {number}: {done.stderr}")
            must(held(out) == whole[other], f"the run after kill {number} wrote something else")
            must(os.listdir(home) == ["out"], f"the run after kill {number} left {os.listdir(home)}")
        must(died > times / 2 and littered > 0, f"only {died} runs were killed in time, {littered} while they wrote")
        return f"{times} runs, {died} killed before their end, {littered} with a staging folder beside"


def killed_documents():
    """A document is the old one or the new one whenever a run is killed; the next run leaves nothing beside it."""
    times = int(os.environ.get("FAULT_KILLS", "200")) // 2
    with place() as home:
        file = home / "report.md"
        texts = []
        for day in ("2026-01-01", "2026-06-01"):
            begun = time.monotonic()
            must(run("report", "--demo", "--as-of", day, "--out", file).returncode == 0, "no report")
            span = time.monotonic() - begun
            texts.append(file.read_bytes())
        littered = 0
        for number in range(times):
            # Most of the time goes into computing: the end is what is of interest.
            killed(["report", "--demo", "--as-of", "2026-01-01", "--out", file], span * (0.6 + 0.5 * number / times))
            must(file.read_bytes() in texts, f"kill {number}: half a document")
            littered += len(os.listdir(home)) > 1
        # What a killed run leaves, as it leaves it.
        (home / ".report.md.0.pci-compliance-staging").write_text("half")
        must(run("report", "--demo", "--out", file).returncode == 0, "no report after the kills")
        must(os.listdir(home) == ["report.md"], f"litter: {os.listdir(home)}")
        return f"{times} runs, {littered} with a staging file beside"


# --- Disks.

def mount(target, options):
    target.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", target], check=True)


@contextlib.contextmanager
def mounted(options):
    with place() as home:
        disk = home / "disk"
        mount(disk, options)
        try:
            yield disk
        finally:
            subprocess.run(["umount", "-l", disk], check=True)


def full_disk():
    """On a full disk nothing changes, the error names the file and the reason, and with room again it goes on."""
    tried = 0
    for options, fill in (("size=8m", fill_bytes), ("size=32m,nr_inodes=800", fill_inodes)):
        with mounted(options) as disk:
            out, whole = outputs(disk)
            document = disk / "report.md"
            document.write_text("old")
            for left in (0, 1, 2, 5, 10, 20, 40, 60, 90):
                fill(disk / "filler", left)
                before, beside = held(out), sorted(os.listdir(disk))
                done = write(LEVELS[tried % 2], out)
                must(done.returncode in (0, 2), f"{options}, {left} left: {done.returncode} {done.stderr}")
                if done.returncode == 2:
                    refused(f"{options}, {left} left", done, "can't ", "No space left")
                    must(held(out) == before, "a full disk changed the folder")
                    must(sorted(os.listdir(disk)) == beside, f"a full disk left {sorted(os.listdir(disk))}")
                    tried += 1
                if left == 0:
                    done = run("report", "--demo", "--out", document)
                    refused("a document", done, "can't write", "No space left")
                    must(document.read_text() == "old", "a full disk changed the document")
                    must(sorted(os.listdir(disk)) == beside, "a full disk left a part of a document")
            shutil.rmtree(disk / "filler")
            must(write(LEVELS[0], out).returncode == 0 and held(out) == whole[LEVELS[0]], "no room was found again")
    must(tried > 6, f"the disk was full only {tried} times")
    return f"{tried} runs without room, for bytes and for inodes"


def fill_bytes(folder, left):
    """Fills the disk of `folder` but for so many blocks of 4 KiB."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    free = os.statvfs(folder).f_bavail * 4096 - left * 4096
    (folder / "bytes").write_bytes(b"x" * max(free, 0))


def fill_inodes(folder, left):
    """Fills the disk of `folder` with files but for so many."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for number in range(os.statvfs(folder).f_ffree - left):
        (folder / str(number)).touch()


def full_disk_of_a_server():
    """A server that can't write says so in its answer, goes on, and writes when it can."""
    with mounted("size=8m") as disk:
        fill_bytes(disk / "filler", 2)
        with served([program, "serve", "--demo", "--http", "0", "--output-dir", disk]) as address:
            answer = call(address, "generate_policies", {"write": True})
            must(answer.get("isError") and "No space left" in answer["content"][0]["text"], f"it says {answer}")
            must(os.listdir(disk) == ["filler"], f"it left {os.listdir(disk)}")
            must(not call(address, "describe_stack", {}).get("isError"), "it does not go on")
            shutil.rmtree(disk / "filler")
            must(not call(address, "generate_policies", {"write": True}).get("isError"), "it does not write again")
    return "refused in an answer, then written"


def read_only():
    """Where nothing may be written nothing changes, and stacks are read as ever."""
    with mounted("size=8m") as disk:
        out, _ = outputs(disk)
        before = held(disk)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        refused("generate", write(LEVELS[0], out), "Read-only file system")
        refused("a new folder", write(LEVELS[0], disk / "new"), "Read-only file system")
        refused("a document", run("report", "--demo", "--out", disk / "report.md"), "Read-only file system")
        must(held(disk) == before, "a read-only disk was changed")
        shutil.copytree(DEMO, disk.parent / "demo")
    return "generate, a new folder, a document"


# --- Permissions.

def permissions():
    """What may not be read or written is named; nothing is passed over in silence, nothing is changed."""
    global program
    with place() as home:
        shutil.copy(program, home / "program")
        own, program_before = home / "own", program
        shutil.copytree(DEMO, own)
        os.chmod(own, 0o755)
        program = str(home / "program")
        try:
            return denied(home, own)
        finally:
            program = program_before


def denied(home, own):
    def as_nobody(*arguments):
        return run(*arguments, user=NOBODY, group=NOBODY, extra_groups=[])

    stack, out, several = own / "stack-metadata.yaml", home / "out", home / "several"
    must(write(LEVELS[0], out).returncode == 0, "nothing can be written at all")
    before = held(out)
    to_read = ["generate", "--stack", stack, "--dry-run", "--level", LEVELS[0]]
    must(as_nobody(*to_read).returncode == 0, "nobody can read what all may read")
    # A profile or exceptions that can't be read are not as good as none.
    for name in ("stack-metadata.yaml", "pci-profile.yaml", "pci-exceptions.yaml"):
        os.chmod(own / name, 0)
        refused(name, as_nobody(*to_read), name, "permission to read the file is denied")
        os.chmod(own / name, 0o644)
    shutil.copytree(own, several / "one")
    os.chmod(several, 0)
    refused("a folder of stacks", as_nobody("overview", "--stacks", several), "several", "permission")
    os.chmod(several, 0o755)
    os.chmod(several / "one", 0o600)
    done = as_nobody("overview", "--stacks", several)
    must(done.returncode == 2 and "error: " in done.stderr, f"a stack's folder: {done.returncode} {done.stderr}")
    os.chmod(several / "one", 0o755)
    os.chmod(several / "one" / "stack-metadata.yaml", 0)
    manifests = as_nobody("connectivity", several)
    refused("manifests", manifests, "permission")
    changes = home / "changes.yaml"
    changes.write_text("[]")
    os.chmod(changes, 0)
    refused("changes", as_nobody("what-if", changes, "--demo"), "changes.yaml", "permission")
    refused("tokens", as_nobody("serve", "--demo", "--http", "0", "--token-file", changes), "changes.yaml", "permission")
    to_write = ["generate", "--stack", stack, "--level", LEVELS[1], "--out"]
    refused("another's folder", as_nobody(*to_write, out), "can't", "Permission denied")
    refused("a folder in another's", as_nobody(*to_write, home / "new"), "can't", "Permission denied")
    refused("a document in another's folder", as_nobody("report", "--demo", "--out", home / "r.md"), "can't write")
    shared = home / "shared"
    shared.mkdir()
    os.chmod(shared, 0o777)
    shutil.move(out, shared / "out")
    refused("another's folder in a shared one", as_nobody(*to_write, shared / "out"), "can't", "Permission denied")
    must(held(shared / "out") == before and os.listdir(shared) == ["out"], "what is another's was changed")
    return "12 files and folders, as another user"


# --- Files that change while they are read.

def changed_while_read():
    """What changes while it is read is refused; what is replaced or removed is read as it was."""
    stack = (DEMO / "stack-metadata.yaml").read_text()
    cut = stack.index("\n    ", len(stack) // 3) + 1
    while not stack[cut:].startswith("    ") or stack[cut:].startswith("     "):
        cut = stack.index("\n", cut) + 1
    end = stack.index("configuration:")
    # A part that can be read too: without the first components, all the same a stack.
    shorter = stack[:cut] + stack[stack.rindex("\n", 0, end) + 1:]

    def in_place(file):
        file.write_text(shorter)

    def truncated(file):
        os.truncate(file, cut)

    def grown(file):
        with file.open("a") as more:
            more.write("# more\n")

    def same_size(file):
        with file.open("r+") as open_file:
            open_file.write("#" * 20)

    def removed(file):
        file.unlink()

    def replaced(file):
        other = file.with_name("other")
        other.write_text("components: {}\n")
        os.replace(other, file)

    for change, is_refused in (
        (in_place, True), (truncated, True), (grown, True), (same_size, True), (removed, False), (replaced, False),
    ):
        with place() as home:
            shutil.copytree(DEMO, home / "own")
            file = home / "own" / "stack-metadata.yaml"
            whole = run("stack", "--stack", file, "--json").stdout
            slowed = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", file, "-e", "trace=read"]
            slowed += ["-e", "inject=read:delay_enter=600000:when=1"]
            command = [*slowed, program, "stack", "--stack", file, "--json"]
            child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            time.sleep(0.4)
            change(file)
            said, wrong = child.communicate(timeout=120)
            done = subprocess.CompletedProcess(command, child.returncode, said, wrong)
            if is_refused:
                refused(change.__name__, done, "stack-metadata.yaml: ", "changed while it was read")
            else:
                must(done.returncode == 0 and said == whole, f"{change.__name__}: {done.returncode} {wrong}")
    return "rewritten, truncated, grown, overwritten: refused; removed, replaced: as it was"


# --- Readers that have gone.

COMMANDS = (
    ["overview", "--demo"], ["requirement", "8", "--demo"], ["gaps", "--demo"], ["impact", "falco", "--demo"],
    ["stack", "--demo"], ["generate", "--demo", "--dry-run", "--json"], ["diagram", "--demo"],
    ["explain", "gateway", "checkout", "--demo"], ["verify", "--demo"], ["report", "--demo"],
    ["overview", "--demo", "--bulk", "--as-of", "2026-06-15"], ["schema", "stack"], ["schema", "overview"],
)


def gone_readers():
    """Without a reader a command ends as if there were one; on a full disk it says so and ends with 2."""
    with place() as home:
        changes, manifests = home / "changes.yaml", home / "manifests"
        changes.write_text("- {op: add_component, type: redis}\n")
        must(write(LEVELS[0], manifests).returncode == 0, "nothing can be written at all")
        for entry in list(manifests.iterdir()):
            if entry.name in ("networkpolicy-manifest.json", "siem"):
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        commands = [*COMMANDS, ["what-if", changes, "--demo"], ["connectivity", manifests]]
        commands += [[*connectivity, manifests] for connectivity in (["connectivity", "--json"], ["connectivity", "--diagram"])]
        for command in commands:
            usual = run(*command)
            must(usual.stdout and usual.returncode in (0, 1), f"{command}: {usual.returncode} {usual.stderr}")
            read, gone = os.pipe()
            os.close(read)
            done = run(*command, capture_output=False, stdout=gone, stderr=subprocess.PIPE)
            os.close(gone)
            must((done.returncode, done.stderr) == (usual.returncode, ""), f"{command}: {done.returncode} {done.stderr}")
            with open("/dev/full", "w") as full:
                refused(command, run(*command, capture_output=False, stdout=full, stderr=subprocess.PIPE), "No space left")
                # Nobody hears that it fails, and it fails all the same.
                done = run(*command, capture_output=False, stdout=full, stderr=full)
                must(done.returncode == 2, f"{command}: {done.returncode} where nothing can be said")
        return f"{len(commands)} commands"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def gone_traces():
    """A server whose traces nobody reads, or have no room, answers as ever, and reads its files anew."""
    read, gone = os.pipe()
    os.close(read)
    with open("/dev/full", "w") as full:
        for traces in (gone, full):
            with place() as home:
                untraced(home, traces)
    os.close(gone)
    return "a reader that has gone, a full disk"


def untraced(home, traces):
    shutil.copytree(DEMO, home / "own")
    file, port = home / "own" / "stack-metadata.yaml", free_port()
    command = [program, "serve", "--stack", file, "--http", str(port)]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=traces)
    address, until = f"http://127.0.0.1:{port}", time.monotonic() + 30

    def name():
        with contextlib.suppress(urllib.error.URLError):
            return call(address, "describe_stack", {})["structuredContent"]["stack"]

    try:
        for wanted in ("payments-shop", "another-shop"):
            file.write_text(file.read_text().replace("payments-shop", wanted))
            while (found := name()) != wanted:
                must(time.monotonic() < until, f"it answers of {found}, not of {wanted}")
                time.sleep(0.1)
        server.terminate()
        must(server.wait(20) == 0, f"it ends with {server.returncode}")
    finally:
        server.kill()
        server.wait()


# --- Clocks.

def call(address, tool, arguments, token=None):
    """The result of a tool; an error of HTTP is its status."""
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"{address}/mcp", json.dumps(message).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)["result"]
    except urllib.error.HTTPError as error:
        return {"status": error.code, "isError": True}


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def issuer(home):
    """A JWKS in `home`, and what makes tokens that its key has signed."""
    key = home / "key.pem"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    modulus = subprocess.run(["openssl", "rsa", "-in", key, "-noout", "-modulus"], check=True, capture_output=True, text=True)
    number = bytes.fromhex(modulus.stdout.strip().split("=")[1])
    jwk = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "k", "n": encoded(number), "e": "AQAB"}
    (home / "jwks.json").write_text(json.dumps({"keys": [jwk]}))

    def token(**claims):
        claims = {"iss": "https://login.example", "aud": "https://pci.example/mcp", **claims}
        parts = [encoded(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "k", "typ": "JWT"}, claims)]
        signed = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", key], input=".".join(parts).encode(), check=True, capture_output=True
        )
        return ".".join([*parts, encoded(signed.stdout)])

    return token


def clocks():
    """When the clock jumps, tokens hold by the new time, the day is the new one, and nothing waits for ever."""
    must(FAKETIME, "no libfaketime: install Debian's `faketime`")
    with place() as home:
        own, offset = home / "own", home / "offset"
        shutil.copytree(DEMO, own)
        jump = lambda by: offset.write_text(by)  # noqa: E731
        jump("+0")
        faked = [
            "env", f"LD_PRELOAD={FAKETIME}", f"FAKETIME_TIMESTAMP_FILE={offset}", "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1", program,
        ]
        token = issuer(home)
        now = int(time.time())
        good = token(exp=now + 3600, nbf=now - 60)
        command = [*faked, "serve", "--stack", own / "stack-metadata.yaml", "--http", "0", "--today", "--rate", "20"]
        command += ["--oauth-issuer", "https://login.example", "--oauth-audience", "https://pci.example/mcp"]
        with served([*command, "--jwks", home / "jwks.json"]) as address:
            def day():
                answer = call(address, "pci_compliance_overview", {}, good)
                return answer["structuredContent"]["as_of"] if "structuredContent" in answer else answer["status"]

            def until(wanted, what):
                begun = time.monotonic()
                while (found := day()) != wanted:
                    must(time.monotonic() - begun < 10, f"{what}: {found}, not {wanted}")
                    time.sleep(0.3)

            today = lambda days: time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * 86400))  # noqa: E731
            until(today(0), "as it is")
            for by, wanted in (("+7200", 401), ("+0", today(0)), ("-172800", 401), ("+0", today(0))):
                jump(by)
                until(wanted, f"a jump of {by} seconds")
            long = token(exp=now + 90 * 86400)
            good = long
            for days in (3, -40, 30, 0):
                jump(f"{days * 86400:+d}")
                until(today(days), f"a jump to {days} days from now")
            limits(address, long, jump)
            jump("-86400")
            file = own / "stack-metadata.yaml"
            file.write_text(file.read_text().replace("payments-shop", "another-shop"))
            begun = time.monotonic()
            while call(address, "describe_stack", {}, long).get("structuredContent", {}).get("stack") != "another-shop":
                must(time.monotonic() - begun < 20, "files are not read anew after the clock went back")
                time.sleep(0.3)
    return "tokens, the day, the rate, reloads, over 9 jumps forth and back"


def limits(address, token, jump):
    """The rate is counted by a clock that never jumps."""
    def sent():
        return [call(address, "describe_stack", {"name": "ledger"}, token).get("status", 200) for _ in range(80)]

    for by in ("+86400", "-86400"):
        jump(by)
        time.sleep(0.5)
        answers = sent()
        must(set(answers) <= {200, 429}, f"{by}: {set(answers)}")
        time.sleep(1.5)
        must(call(address, "describe_stack", {}, token).get("status", 200) == 200, f"{by}: locked out for good")


FAULTS = {
    "kills": kills, "killed-documents": killed_documents, "full-disk": full_disk,
    "full-disk-of-a-server": full_disk_of_a_server, "read-only": read_only, "permissions": permissions,
    "changed-while-read": changed_while_read, "gone-readers": gone_readers, "gone-traces": gone_traces, "clocks": clocks,
}


def main():
    global program
    if os.geteuid() != 0:
        sys.exit("only root can mount disks and become another user: run this as root")
    # Mounts of its own, which go with it.
    if ctypes.CDLL(None, use_errno=True).unshare(0x20000) != 0:
        sys.exit("no mounts of its own are allowed here")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    words = sys.argv[1:]
    named = [word for word in words if word in FAULTS]
    paths = [word for word in words if word not in FAULTS]
    program = binary(paths[0] if paths else ROOT / "target" / "release" / "pci-compliance-mcp")
    for name in named or FAULTS:
        try:
            report.good(name, FAULTS[name]())
        except Wrong as wrong:
            report.fail(name, wrong)
        except Exception as error:  # noqa: BLE001
            report.fail(name, f"{type(error).__name__}: {error}")
    report.end()


if __name__ == "__main__":
    main()
