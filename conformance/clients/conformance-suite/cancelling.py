"""Cancellation of a call, which the suite leaves out: by closing the connection, and by a notification."""

import http.client
import json
import time
from urllib.parse import urlsplit

STATELESS = "2026-07-28"


class Asker:
    """Calls the fixtures without an SDK, by one of the two protocol versions."""

    def __init__(self, url, version, has_session):
        self.url, self.version, self.session = urlsplit(url), version, None
        if has_session:
            opening = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "check", "version": "0"}}
            answer = self.post("initialize", opening, 1).getresponse()
            answer.read()
            self.session = answer.headers["Mcp-Session-Id"]
            self.post("notifications/initialized").getresponse().read()

    def post(self, method, params=None, id=None):
        """Sends a message, and gives the connection on which its answer comes."""
        message = {"jsonrpc": "2.0", "id": id, "method": method, "params": params}
        message = {key: value for key, value in message.items() if value is not None}
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if method != "initialize":
            headers["MCP-Protocol-Version"] = self.version
        if self.version == STATELESS:
            meta = {"protocolVersion": self.version, "clientCapabilities": {}}
            params["_meta"] = {f"io.modelcontextprotocol/{key}": value for key, value in meta.items()}
            headers |= {"Mcp-Method": method, "Mcp-Name": params["name"]}
        if self.session:
            headers["Mcp-Session-Id"] = self.session
        connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=10)
        connection.request("POST", self.url.path, json.dumps(message), headers)
        return connection

    def count(self):
        """How many have left."""
        arguments = {"name": "test_wait", "arguments": {"count": True}}
        text = self.post("tools/call", arguments, 9).getresponse().read().decode()
        lines = [line.removeprefix("data: ") for line in text.splitlines() if '"result"' in line]
        return int(json.loads(lines[-1])["result"]["content"][0]["text"])


def leave(asker, fail):
    """A cancelled call must end at once and not run its full time."""
    before = asker.count()
    asked = {"name": "test_wait", "arguments": {}}
    connection = asker.post("tools/call", asked, 7)
    time.sleep(0.5)
    if asker.session:
        # With a session the answer can be fetched later, so that only a word ends the call.
        asker.post("notifications/cancelled", {"requestId": 7, "reason": "enough"}).getresponse().read()
    else:
        connection.close()
    until = time.monotonic() + 3
    while asker.count() == before and time.monotonic() < until:
        time.sleep(0.1)
    if asker.count() != before + 1:
        fail(f"a cancelled call goes on ({asker.version})")
