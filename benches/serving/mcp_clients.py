"""Clients that send one request after the other, over standard input and output or over HTTP, and parse nothing meanwhile."""

import contextlib
import json
import os
import re
import select
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import harness
from processes import running

PATIENCE = 120
STATELESS = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "figures", "version": "0"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
HANDSHAKE = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "figures", "version": "0"}}


class Stdio:
    """A client of a server's standard input and output, which must be unbuffered."""

    def __init__(self, process):
        self.process, self.id = process, 0
        self.input, self.output = process.stdin.fileno(), process.stdout.fileno()
        self.rest = b""

    def line(self):
        while b"\n" not in self.rest:
            if not select.select([self.output], [], [], PATIENCE)[0]:
                raise harness.Wrong(f"no answer within {PATIENCE} s")
            if not (read := os.read(self.output, 1 << 20)):
                raise harness.Wrong("the server went away")
            self.rest += read
        line, _, self.rest = self.rest.partition(b"\n")
        return line

    def send(self, message):
        data = json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n"
        while data:
            data = data[os.write(self.input, data):]

    def request(self, method, params):
        """The answer as bytes, and how long it took. Nothing is parsed meanwhile."""
        self.id += 1
        message = {"id": self.id, "method": method, "params": params}
        begun = time.perf_counter()
        self.send(message)
        while True:
            line = self.line()
            lasted = time.perf_counter() - begun
            if b'"id":' in line[:60]:
                return line, lasted

    def greet(self):
        checked(self.request("initialize", HANDSHAKE)[0])
        self.send({"method": "notifications/initialized"})
        return self

    def call(self, tool, arguments):
        return self.request("tools/call", {"name": tool, "arguments": arguments})


class Http:
    """A client on one connection, of the stateless protocol. A connection that was idle for long is another then."""

    def __init__(self, address):
        host, port = address.split(":")
        self.address, self.socket = (host, int(port)), None
        self.connect()

    def connect(self):
        if self.socket:
            self.socket.close()
        self.socket, self.used = socket.create_connection(self.address, timeout=PATIENCE), time.monotonic()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def exchange(self, request):
        # The server closes connections that are idle for 10 s.
        if time.monotonic() - self.used > 5:
            self.connect()
        begun = time.perf_counter()
        self.socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            if not (read := self.socket.recv(1 << 20)):
                raise harness.Wrong("the server hung up")
            received += read
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)[1])
        parts = [body]
        left = length - len(body)
        while left > 0:
            read = self.socket.recv(1 << 20)
            if not read:
                raise harness.Wrong("the server hung up")
            parts.append(read)
            left -= len(read)
        body = b"".join(parts)
        lasted, self.used = time.perf_counter() - begun, time.monotonic()
        if b" 200 " not in head[:20]:
            raise harness.Wrong(f"not an answer: {head!r} {body!r}")
        return body, lasted

    def call(self, tool, arguments):
        return self.exchange(post(tool, arguments).encode())

    def get(self, path):
        return self.exchange(f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())


def post(tool, arguments, token=None):
    """The HTTP request that calls a tool."""
    params = {"name": tool, "arguments": arguments, "_meta": STATELESS}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    headers = {
        "host": "localhost",
        "accept": "application/json, text/event-stream",
        "content-type": "application/json",
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "tools/call",
        "mcp-name": tool,
        **({"authorization": f"Bearer {token}"} if token else {}),
        "content-length": len(body.encode()),
    }
    return "POST /mcp HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + f"\r\n{body}"


def checked(answer):
    """The result of an answer, which must not be an error."""
    message = json.loads(answer)
    result = message.get("result")
    if result is None or result.get("isError"):
        raise harness.Wrong(f"an error, not an answer: {answer[:1000]}")
    return result


@contextlib.contextmanager
def stdio(command):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "bufsize": 0}
    with running(command, **pipes) as process:
        yield process, Stdio(process)


@contextlib.contextmanager
def http(command, given=None):
    """A server over HTTP: its process, its address, and what it says meanwhile on standard error, a file."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        with open(said, "wb") as to, open(given or os.devnull, "rb") as read:
            with running(command, stdin=read, stdout=subprocess.DEVNULL, stderr=to) as process:
                until = time.monotonic() + PATIENCE
                while not (address := re.search(rb"serving at http://(\S+)/mcp", said.read_bytes())):
                    if process.poll() is not None or time.monotonic() > until:
                        raise harness.Wrong(f"`{command}` does not serve: {said.read_bytes()[-2000:]}")
                    time.sleep(0.002)
                yield process, address[1].decode(), said
