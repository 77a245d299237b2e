"""What `pci-compliance-mcp connectivity` answers."""

import ipaddress
import json
import subprocess

from answers import EXTERNAL, address_range
from harness import Wrong
from workloads import PROTOCOLS


def ask(program, argument, text=None):
    """What the command finds, in the same form; also that its answer is in order."""
    command = [program, "connectivity", str(argument), "--json"]
    try:
        run = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired as error:
        raise Wrong(str(error)) from error
    if run.returncode != 0:
        raise Wrong(f"`{' '.join(command)}` ended with {run.returncode}: {run.stdout[-2000:]}{run.stderr}")
    found, pairs = [], set()
    for connection in json.loads(run.stdout)["connections"]:
        pair = connection["source"], connection["destination"]
        source, destination = map(end, pair)
        if pair in pairs:
            raise Wrong(f"{pair} is listed twice")
        if source == destination:
            raise Wrong(f"{pair} is a workload and itself")
        if isinstance(source, tuple) and isinstance(destination, tuple):
            raise Wrong(f"{pair} has no workload")
        pairs.add(pair)
        if not any(connection["ports"].values()):
            raise Wrong(f"{pair} is listed with no ports")
        for protocol, ports in connection["ports"].items():
            if protocol not in PROTOCOLS:
                raise Wrong(f"{pair} has the protocol {protocol}")
            if not in_order(ports):
                raise Wrong(f"{pair} has ports that are not in order, or not merged: {ports}")
            found += [(source, destination, protocol, first, last) for first, last in ports]
    return found


def in_order(ports):
    """Whether there is one way only to write these ports: that of the list."""
    edges = [edge for first, last in ports for edge in (first, last + 1)]
    return edges == sorted(set(edges)) and (not edges or (1 <= edges[0] and edges[-1] <= 65536))


def end(name):
    if not name.endswith(EXTERNAL):
        return name
    first, last = name.removesuffix(EXTERNAL).split("-")
    return address_range(ipaddress.ip_address(first), ipaddress.ip_address(last))
