#!/usr/bin/env python3
"""Connectivity against an analyser that others wrote: the engine of `nca --connectivity` of network-config-analyzer.

usage: connectivity.py BINARY [--sets N] [--seed S] [--speed [--long]]

- N random sets of manifests (200 by default): a few namespaces and workloads, up to eight policies, which between them
  use all that a NetworkPolicy of networking.k8s.io/v1 can say. A set is drawn from its own seed: S for the first, S + 1
  for the second and so on. So `--sets 1 --seed` with the seed that a difference names draws that set again.
- Two larger sets, of those whose speed is measured.
- The policies that `generate` makes of the demo and of fixtures/full-form.yaml, at both levels, whole: each namespace
  that they manage or name gets a Pod and a Deployment; so does one that they don't know.

Both answers are brought to one form: for each source, destination and protocol the ports, with addresses cut where
either side cuts them. Any difference fails the check. Connections of a workload to itself are left out: for a
Deployment of two replicas the analyser lists them, the command leaves them out by design. Protocols other than TCP, UDP
and SCTP are left out as well: a NetworkPolicy can't name them. `--ip-blocks-match-pods` is not checked here, since the
analyser has nothing like it.

The analyser is run as a library, in this process: its start takes a second, a set some hundredths. Where it departs
from the Kubernetes API, `for_analyser` writes the same thing in words that it reads rightly, and says why.

With `--speed` nothing is compared. On larger sets it times `nca --connectivity`, the command, and PyYAML's fastest
loader on the same files. The analyser is stopped after 900 seconds; 480 workloads it gets only with `--long`.
"""

import argparse
import contextlib
import copy
import faulthandler
import io
import ipaddress
import json
import random
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import common

common.with_packages()

import sanity
import yaml

# What the analyser says, which is much, and matters only when it fails. Its modules keep the standard error that they
# find when they are imported.
SAID = io.StringIO()
with contextlib.redirect_stderr(SAID):
    from nca.CoreDS.Peer import BasePeerSet, IpBlock
    from nca.NetworkConfig.NetworkConfig import NetworkConfig
    from nca.NetworkConfig.NetworkConfigQuery import ConnectivityMapQuery
    from nca.NetworkConfig.ResourcesHandler import ResourcesHandler
    from nca.Utils.OutputConfiguration import OutputConfiguration

STACKS = ["demo (embedded)", "fixtures/full-form.yaml"]
LEVELS = ["pci_dss_strict", "standard"]
PROTOCOLS = {"TCP": 6, "UDP": 17, "SCTP": 132}
EXTERNAL = "[External]"
# Workloads and policies of the sets that the analyser has soon done.
SMALLER = [(50, 83), (150, 249)]
# The differences of one set that are printed, and the sets that differ before the check gives up.
SHOWN, ENOUGH = 12, 5


# ---- The sets


NAMESPACES = ["default", "shop", "vault", "lab"]
# Numbers don't occur: the analyser reads a label "7" in a policy as a number, and refuses it, quoted or not.
NAMESPACE_LABELS = {"team": ["red", "blue"], "pci/scope": ["in", "out", ""]}
POD_LABELS = {"app": ["web", "api", "db"], "role": ["front", "back"], "example.com/zone": ["one", "two", ""]}
PORT_NAMES = ["web", "admin", "dns", "metrics"]
PORT_NUMBERS = [1, 53, 79, 80, 81, 443, 8080, 9090, 65535]
BLOCKS = [
    *("0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32", "255.255.255.255/32"),
    # The API takes a block with host bits set, and means the network.
    "10.1.2.99/24",
    *("::/0", "2001:db8::/32", "2001:db8:1::/48", "fd00::/8", "ffff::ffff/128"),
]
# Pods with ownerReferences, and those on the host's network, don't occur: the first stand for a workload that is not in
# the set; of the second the API says that policies may or may not hold for them, and the analyser takes them as others.
KINDS = [
    *("Pod", "Pod", "Pod", "Deployment", "Deployment", "StatefulSet"),
    *("DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob"),
]
API_VERSIONS = {"Pod": "v1", "ReplicationController": "v1", "Job": "batch/v1", "CronJob": "batch/v1"}


def labels(rng, vocabulary):
    """Labels from the vocabulary, each key with a chance of two in three."""
    return {key: rng.choice(values) for key, values in vocabulary.items() if rng.random() < 0.67}


def namespace_object(name, its_labels):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": its_labels}}


def workload_object(kind, namespace, name, its_labels, ports=(), replicas=None):
    """A workload whose pods have these labels and, in one container for each list of `ports`, these ports."""
    containers = [{"name": f"c{at}", "image": "main", "ports": some} for at, some in enumerate(ports or [[]])]
    metadata = {"name": name, "namespace": namespace}
    version = API_VERSIONS.get(kind, "apps/v1")
    if kind == "Pod":
        metadata["labels"], spec = its_labels, {"containers": containers}
    else:
        # The workload's own labels are not its pods' labels: they must select nothing.
        metadata["labels"] = {"app": "db", "role": "front"}
        spec = {"template": {"metadata": {"labels": its_labels}, "spec": {"containers": containers}}}
        if kind == "ReplicationController":
            spec["selector"] = dict(its_labels)
        elif kind not in ("Job", "CronJob"):
            spec["selector"] = {"matchLabels": dict(its_labels)}
        if replicas is not None:
            spec["replicas"] = replicas
        if kind == "CronJob":
            spec = {"schedule": "0 0 * * *", "jobTemplate": {"spec": spec}}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def random_workload(rng, namespace, name):
    # A name stands for one port of a pod, as the API wants it of a container: of two ports with one name in a pod's two
    # containers, the analyser knows the last alone.
    names = rng.sample([*PORT_NAMES, None, None], rng.randint(0, 4))
    ports = []
    for port_name in names:
        port = {"containerPort": rng.choice(PORT_NUMBERS)}
        if port_name:
            port["name"] = port_name
        if rng.random() < 0.6:
            port["protocol"] = rng.choice(list(PROTOCOLS))
        ports.append(port)
    split = rng.randint(0, len(ports))
    kind = rng.choice(KINDS)
    # Never no replicas: whether a workload without pods has connections is a matter of taste.
    replicas = rng.choice([None, 1, 2, 3]) if kind not in ("Pod", "DaemonSet", "Job", "CronJob") else None
    return workload_object(kind, namespace, name, labels(rng, POD_LABELS), [ports[:split], ports[split:]], replicas)


def random_requirement(rng, vocabulary):
    key = rng.choice([*vocabulary, "absent"])
    operator = rng.choice(["In", "NotIn", "Exists", "DoesNotExist"])
    requirement = {"key": key, "operator": operator}
    if operator in ("In", "NotIn"):
        values = [*vocabulary.get(key, []), "other"]
        requirement["values"] = rng.sample(values, rng.randint(1, min(2, len(values))))
    elif rng.random() < 0.2:
        requirement["values"] = rng.choice([[], None])
    return requirement


def random_selector(rng, vocabulary):
    if rng.random() < 0.2:
        return rng.choice([{}, {"matchLabels": {}}, {"matchExpressions": []}, {"matchLabels": None}])
    made, way = {}, rng.random()
    if way < 0.6:
        keys = rng.sample(list(vocabulary), 1 if rng.random() < 0.8 else 2)
        made["matchLabels"] = {key: rng.choice(vocabulary[key]) for key in keys}
    if way > 0.45:
        made["matchExpressions"] = [random_requirement(rng, vocabulary) for _ in range(rng.choice([1, 1, 2]))]
    return made


def random_block(rng):
    cidr = rng.choice(BLOCKS)
    network = ipaddress.ip_network(cidr, strict=False)
    block = {"cidr": cidr}
    room = network.max_prefixlen - network.prefixlen
    if room and rng.random() < 0.6:
        if rng.random() < 0.1:
            block["except"] = [str(half) for half in network.subnets()]
        else:
            block["except"] = []
            for _ in range(rng.randint(0, 3)):
                # Exceptions at the edges, next to each other and within each other are likely.
                deeper = rng.randint(1, min(room, 3)) if rng.random() < 0.7 else rng.randint(1, room)
                step = 1 << (room - deeper)
                first = int(network.network_address) + step * rng.choice([0, 1, (1 << deeper) - 1])
                block["except"].append(str(type(network)((first, network.prefixlen + deeper))))
    return block


def random_peer(rng, namespace_labels):
    way = rng.random()
    if way < 0.25:
        return {"ipBlock": random_block(rng)}
    peer = {}
    if way < 0.75:
        peer["podSelector"] = random_selector(rng, POD_LABELS)
    if way >= 0.5:
        peer["namespaceSelector"] = random_selector(rng, namespace_labels)
    elif rng.random() < 0.1:
        peer["namespaceSelector"] = None
    return peer


def random_port(rng):
    port = {}
    if rng.random() < 0.7:
        port["protocol"] = rng.choice(list(PROTOCOLS))
    way = rng.random()
    if way < 0.35:
        port["port"] = rng.choice(PORT_NUMBERS)
    elif way < 0.65:
        port["port"] = rng.choice([*PORT_NAMES, "nowhere"])
    elif way < 0.9:
        port["port"] = rng.choice(PORT_NUMBERS)
        port["endPort"] = rng.choice([number for number in PORT_NUMBERS if number >= port["port"]])
    return port


def random_rule(rng, side, namespace_labels):
    rule = {}
    way = rng.random()
    if way < 0.8:
        rule[side] = [random_peer(rng, namespace_labels) for _ in range(rng.randint(1, 3))]
    elif way < 0.9:
        rule[side] = rng.choice([[], None])
    way = rng.random()
    if way < 0.65:
        rule["ports"] = [random_port(rng) for _ in range(rng.randint(1, 3))]
    elif way < 0.75:
        rule["ports"] = rng.choice([[], None])
    return rule


def random_policy(rng, namespace, name, namespace_labels):
    spec = {"podSelector": random_selector(rng, POD_LABELS)}
    for direction, side in (("ingress", "from"), ("egress", "to")):
        way = rng.random()
        if way < 0.65:
            spec[direction] = [random_rule(rng, side, namespace_labels) for _ in range(rng.choice([1, 1, 2, 3]))]
        elif way < 0.8:
            spec[direction] = rng.choice([[], [{}], None])
    types = rng.choice([None, None, [], ["Ingress"], ["Egress"], ["Ingress", "Egress"], ["Egress", "Ingress"]])
    if types is not None:
        spec["policyTypes"] = types
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def random_set(seed):
    """The objects of one set, in any order."""
    rng = random.Random(seed)
    names = rng.sample(NAMESPACES, rng.randint(1, len(NAMESPACES)))
    namespace_labels = {**NAMESPACE_LABELS, sanity.LABEL: NAMESPACES}
    objects = []
    for name in names:
        # A namespace that no object describes is there for what it holds. Each has the label with its name, which the
        # API server sets, whether it is written out or not.
        if rng.random() < 0.8:
            written = {sanity.LABEL: name} if rng.random() < 0.5 else {}
            objects.append(namespace_object(name, {**labels(rng, NAMESPACE_LABELS), **written}))
    for at in range(rng.randint(2, 7)):
        # No name is another with a number after a hyphen: so the analyser names the pods of a workload.
        objects.append(random_workload(rng, rng.choice(names), f"w{at}"))
    for at in range(rng.randint(0, 8)):
        objects.append(random_policy(rng, rng.choice(names), f"p{at}", namespace_labels))
    for one in objects:
        if one["metadata"].get("namespace") == "default" and rng.random() < 0.5:
            del one["metadata"]["namespace"]
    rng.shuffle(objects)
    return objects


def namespace_of(one):
    return one["metadata"].get("namespace", "default")


def workloads(objects):
    """The names of the workloads, by namespace and name."""
    return {
        (namespace_of(one), one["metadata"]["name"]): f"{namespace_of(one)}/{one['metadata']['name']}[{one['kind']}]"
        for one in objects
        if one["kind"] in KINDS
    }


# ---- The analyser


def listing(items):
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})


def for_analyser(objects):
    """The same objects, for the analyser: each thing that it reads otherwise than the API says is written otherwise."""
    objects, values = copy.deepcopy(objects), {}
    for one in objects:
        for found in pod_labels(one):
            for key, value in found.items():
                values.setdefault(key, set()).add(value)
    for one in objects:
        if one["kind"] == "Namespace":
            # For a namespace it takes an absent label and an empty one for the same: so no label is empty.
            metadata = one["metadata"]
            metadata["labels"] = {key: value or "empty" for key, value in metadata["labels"].items()}
        if one["kind"] == "NetworkPolicy":
            policy_for_analyser(one["spec"], values)
    return objects


def pod_labels(one):
    """The labels of the pods of a workload."""
    if one["kind"] in KINDS:
        spec = one["spec"]
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        yield spec["template"]["metadata"]["labels"] if "template" in spec else one["metadata"]["labels"]


def policy_for_analyser(spec, values):
    types = spec.get("policyTypes")
    if types:
        # It knows only this order, and refuses rules of a direction that the types don't name. For the API the order
        # says nothing, and such rules have no effect.
        spec["policyTypes"] = sorted(types, reverse=True)
        for direction in ("Ingress", "Egress"):
            if direction not in types:
                spec.pop(direction.lower(), None)
    elif not spec.get("egress"):
        # Without types, it takes a policy with an `egress` that has no rules for one about egress. The API server makes
        # that of one with rules alone.
        spec.pop("egress", None)
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for rule in spec.get(direction) or []:
            for peer in rule.get(side) or []:
                if peer.get("namespaceSelector") is None:
                    continue
                selector = peer["namespaceSelector"]
                if selector.get("matchLabels"):
                    selector["matchLabels"] = {key: value or "empty" for key, value in selector["matchLabels"].items()}
                for requirement in selector.get("matchExpressions") or []:
                    if requirement.get("values"):
                        requirement["values"] = [value or "empty" for value in requirement["values"]]
                # For "exists" it looks at the pods of the policy's own namespace alone, also where the peer is of other
                # namespaces. "One of all values that there are" says the same, and it looks at all pods.
                for requirement in (peer.get("podSelector") or {}).get("matchExpressions") or []:
                    operator = {"Exists": "In", "DoesNotExist": "NotIn"}.get(requirement["operator"])
                    if operator:
                        requirement["operator"] = operator
                        requirement["values"] = sorted(values.get(requirement["key"], {"none"}))


class Cubes(ConnectivityMapQuery):
    """The query of `nca --connectivity`, which keeps what it found instead of writing rules that say the same."""

    def get_props_output_full(self, props, all_peers):
        # Nothing else can restrict a connection here; where there is none, the analyser names every dimension.
        assert not props or set(props.active_dimensions) <= {"src_peers", "dst_peers", "protocols", "dst_ports"}
        self.cubes = [
            tuple(cube[name] for name in ("src_peers", "dst_peers", "protocols", "dst_ports"))
            for cube in map(props.get_connectivity_cube, props)
        ]
        return ""


def analyse(objects):
    """What the analyser finds: tuples of source, destination, protocol, first and last port."""
    known = workloads(objects)
    SAID.seek(0)
    SAID.truncate()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(SAID), contextlib.redirect_stderr(SAID):
        # In one list, in which it finds the namespaces first: a pod whose Namespace comes in a later document keeps a
        # namespace without labels.
        path = Path(folder) / "objects.json"
        path.write_text(listing(for_analyser(objects)))
        # The pods of the last set would otherwise be taken for those of this one with the same names.
        BasePeerSet.reset()
        try:
            # `nca` itself adds a CoreDNS pod where a policy selects one and there is none; this does not.
            container, parser, _ = ResourcesHandler().parse_elements(None, None, [str(path)], "set", False, None)
            config = NetworkConfig(name="set", peer_container=container, policies_finder=parser.policies_finder)
            # Unlike the command-line tool's default, with IPv6 also where no policy names it.
            query = Cubes(config, OutputConfiguration({"excludeIPv6Range": False}, "connectivity"))
            query.execute_and_compute_output_in_required_format()
        except Exception as error:
            raise common.Wrong(f"the analyser fails: {error!r}\n{SAID.getvalue()}") from error

    seen = {pod_key(pod) for pod in container.peer_set}
    policies = sum(one["kind"] == "NetworkPolicy" for one in objects)
    if seen != known.keys() or len(config.policies_container.policies) != policies:
        raise common.Wrong(f"the analyser has not read all that there is: {SAID.getvalue()}")

    def ends(peers):
        for peer in peers:
            if isinstance(peer, IpBlock):
                yield from (address_range(part.start.address, part.end.address) for part in peer)
            else:
                yield known[pod_key(peer)]

    found = []
    for sources, destinations, protocols, ports in query.cubes:
        names = [name for name, number in PROTOCOLS.items() if number in protocols]
        destinations = list(ends(destinations))
        for source in ends(sources):
            for destination in destinations:
                if source != destination:
                    for name in names:
                        found += [(source, destination, name, part.start, part.end) for part in ports.port_set]
    return found


def pod_key(pod):
    return pod.namespace.name, pod.owner_name or pod.name


# ---- The command


def ask(program, argument, text=None):
    """What the command finds, in the same form; also that its answer is in order."""
    command = [program, "connectivity", str(argument), "--json"]
    try:
        run = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired as error:
        raise common.Wrong(str(error)) from error
    if run.returncode != 0:
        raise common.Wrong(f"`{' '.join(command)}` ended with {run.returncode}: {run.stdout[-2000:]}{run.stderr}")
    found, pairs = [], set()
    for connection in json.loads(run.stdout)["connections"]:
        pair = connection["source"], connection["destination"]
        source, destination = map(end, pair)
        if pair in pairs:
            raise common.Wrong(f"{pair} is listed twice")
        if source == destination:
            raise common.Wrong(f"{pair} is a workload and itself")
        if isinstance(source, tuple) and isinstance(destination, tuple):
            raise common.Wrong(f"{pair} has no workload")
        pairs.add(pair)
        if not any(connection["ports"].values()):
            raise common.Wrong(f"{pair} is listed with no ports")
        for protocol, ports in connection["ports"].items():
            if protocol not in PROTOCOLS:
                raise common.Wrong(f"{pair} has the protocol {protocol}")
            if not in_order(ports):
                raise common.Wrong(f"{pair} has ports that are not in order, or not merged: {ports}")
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


# ---- The comparison


def address_range(first, last):
    return first.version, int(first), int(last)


def shown(one):
    if isinstance(one, str):
        return one
    version, first, last = one
    address = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    return f"{address(first)}-{address(last)}{EXTERNAL}"


def cuts(found):
    """Where address ranges begin, and what comes after one: by version, sorted."""
    edges = {4: set(), 6: set()}
    for source, destination, *_ in found:
        for one in (source, destination):
            if isinstance(one, tuple):
                version, first, last = one
                edges[version].update((first, last + 1))
    return {version: sorted(some) for version, some in edges.items()}


def canonical(found, edges):
    """By source, destination and protocol the ports, as merged intervals; addresses cut at all edges."""
    pieces = {}

    def cut(one):
        if isinstance(one, str):
            return [one]
        if one not in pieces:
            version, first, last = one
            inner = [edge for edge in edges[version] if first <= edge <= last + 1]
            pieces[one] = [(version, start, after - 1) for start, after in zip(inner, inner[1:])]
        return pieces[one]

    ports = {}
    for source, destination, protocol, first, last in found:
        for from_piece in cut(source):
            for to_piece in cut(destination):
                ports.setdefault((from_piece, to_piece, protocol), []).append((first, last))
    return {key: merged(some) for key, some in ports.items()}


def merged(intervals):
    result = []
    for first, last in sorted(intervals):
        if result and first <= result[-1][1] + 1:
            result[-1] = result[-1][0], max(last, result[-1][1])
        else:
            result.append((first, last))
    return result


def differences(ours, theirs):
    """How the two answers differ, a line for each source, destination and protocol; and how many of these there are."""
    edges = cuts(ours + theirs)
    ours, theirs = canonical(ours, edges), canonical(theirs, edges)
    lines = []
    for key in sorted(ours.keys() | theirs.keys(), key=str):
        one, other = ours.get(key, []), theirs.get(key, [])
        if one != other:
            source, destination, protocol = key
            lines.append(f"{shown(source)} -> {shown(destination)} {protocol}: ours {one}, the analyser's {other}")
    return lines, len(theirs)


def compare(objects, ours):
    """What is wrong, as lines, and on how many connections both agree."""
    try:
        lines, count = differences(ours(), analyse(objects))
    except common.Wrong as error:
        return [str(error)], 0
    more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return lines[:SHOWN] + more, count


def as_yaml(objects):
    return yaml.dump_all(objects, Dumper=yaml.CSafeDumper, sort_keys=False, default_flow_style=None)


def part_that_differs(program, objects):
    """What is left when no object can be left out any more without the answers agreeing; with what is then wrong."""

    def wrong(some):
        return compare(some, lambda: ask(program, "-", listing(some)))[0]

    if not wrong(objects):
        return None
    for one in list(objects):
        without = [other for other in objects if other is not one]
        if any(other["kind"] in KINDS for other in without) and wrong(without):
            objects = without
    return objects, wrong(objects)


def check_random(program, report, seed):
    """One random set, given to the command in one of the three ways in which it reads. Returns the connections."""
    objects = random_set(seed)
    way = seed % 3
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        half = len(objects) // 2
        files = [
            {"some.yaml": as_yaml(objects[:half]), "others.json": listing(objects[half:])},
            {"all.yaml": as_yaml(objects)},
            {"standard input": listing(objects)},
        ][way]
        if way < 2:
            for name, text in files.items():
                (folder / name).write_text(text)
        argument, text = [(folder, None), (folder / "all.yaml", None), ("-", files.get("standard input"))][way]
        wrong, count = compare(objects, lambda: ask(program, argument, text))
    if wrong:
        told = [*wrong, *(f"--- {name}\n{content}" for name, content in files.items())]
        part = part_that_differs(program, objects)
        if part:
            told += ["--- a part of it that differs as well, in one list", as_yaml(part[0]), *part[1]]
        report.fail(f"the set with the seed {seed}", "\n".join(told))
    return count


def check_large(program, report, count, policies, seed):
    what = f"{count} workloads"
    with tempfile.TemporaryDirectory() as folder:
        by_namespace = large_set(count, policies, seed)
        for name, some in by_namespace.items():
            (Path(folder) / f"{name}.yaml").write_text(as_yaml(some))
        objects = [one for some in by_namespace.values() for one in some]
        wrong, connections = compare(objects, lambda: ask(program, folder))
    if wrong:
        report.fail(what, "\n".join(wrong))
    else:
        report.good(what, f"{policies} policies, {len(by_namespace)} namespaces, {connections:,} connections")


def check_generated(program, report, name, level):
    """What `generate` makes of one stack, with workloads that we made up."""
    what = f"{name} at {level}"
    with tempfile.TemporaryDirectory() as folder:
        made, folder = Path(folder) / "generated", Path(folder) / "set"
        folder.mkdir()
        policies, namespaces = [], {"elsewhere"}
        try:
            manifest = common.generate(program, common.stacks()[name], level, made)
            for entry in manifest["policies"]:
                text = (made / entry["file"]).read_text()
                (folder / entry["file"]).write_text(text)
                policies.append(json.loads(text))
                namespaces |= {policies[-1]["metadata"]["namespace"], *sanity.peers(policies[-1])}
        except common.Wrong as error:
            report.fail(what, error)
            return
        cluster = []
        for namespace in sorted(namespaces):
            cluster.append(namespace_object(namespace, {sanity.LABEL: namespace}))
            cluster.append(workload_object("Pod", namespace, "one", {"app": "one"}))
            cluster.append(workload_object("Deployment", namespace, "two", {"app": "two"}, replicas=2))
        (folder / "cluster.yaml").write_text(as_yaml(cluster))
        wrong, count = compare([*cluster, *policies], lambda: ask(program, folder))
    if wrong:
        report.fail(what, "\n".join(wrong))
    else:
        report.good(what, f"{len(policies)} policies, {len(namespaces)} namespaces, {count:,} connections")


# ---- The speed


def large_set(count, policies, seed):
    """Namespaces of about 20 workloads, a default-deny in each, and policies that allow, each of one workload. Two by
    two they allow one link, from its source and at its destination, so that something comes through."""
    rng = random.Random(seed)
    tiers = ["front", "middle", "back"]
    ports = [{"port": "web"}, {"port": 9090}, {"port": 8000, "endPort": 8006}, {"port": 53, "protocol": "UDP"}]
    teams = {f"space-{at}": rng.choice(["red", "blue", "green"]) for at in range(-(-count // 20))}
    by_namespace = {
        name: [namespace_object(name, {sanity.LABEL: name, "team": team})] for name, team in teams.items()
    }

    def policy(namespace, name, spec):
        metadata = {"name": name, "namespace": namespace}
        one = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}
        by_namespace[namespace].append(one)

    placed = []
    for at in range(count):
        namespace, its_labels = f"space-{at // 20}", {"app": f"app-{at}", "tier": rng.choice(tiers)}
        its_ports = [{"name": "web", "containerPort": 8000 + at % 7}, {"containerPort": 9090}]
        by_namespace[namespace].append(workload_object("Deployment", namespace, f"app-{at}", its_labels, [its_ports]))
        placed.append((namespace, its_labels))
    for namespace in teams:
        policy(namespace, "default-deny", {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})

    def peer_for(here, there):
        """A peer, in a policy of the first workload, that the second is one of."""
        (namespace, _), (of_namespace, of_labels) = here, there
        in_tier = {"key": "tier", "operator": "In", "values": [of_labels["tier"]]}
        by_tier = {"podSelector": {"matchExpressions": [in_tier]}}
        by_name = {"podSelector": {"matchLabels": {"app": of_labels["app"]}}}
        if namespace == of_namespace:
            return rng.choice([by_tier, by_name])
        by_team = {"namespaceSelector": {"matchLabels": {"team": teams[of_namespace]}}, **by_tier}
        exactly = {"namespaceSelector": {"matchLabels": {sanity.LABEL: of_namespace}}, **by_name}
        return rng.choices([by_team, exactly], [1, 4])[0]

    for at in range(policies - len(teams)):
        if at % 2 == 0:
            source = placed[at // 2 % count]
            near = [one for one in placed if one[0] == source[0]]
            destination, port = rng.choice(near if rng.random() < 0.7 else placed), rng.choice(ports)
            here, there, direction, side = source, destination, "egress", "to"
        else:
            here, there, direction, side = destination, source, "ingress", "from"
        peers = [peer_for(here, there)]
        if rng.random() < 0.1:
            peers.append({"ipBlock": {"cidr": f"10.{at % 5}.0.0/16", "except": [f"10.{at % 5}.{at % 9}.0/24"]}})
        spec = {
            "podSelector": {"matchLabels": {"app": here[1]["app"]}},
            "policyTypes": [direction.title()],
            direction: [{side: peers, "ports": [port]}],
        }
        policy(here[0], f"allow-{at}", spec)
    return by_namespace


def median_of(times, work):
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def run_quietly(command, timeout):
    run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=timeout)
    if run.returncode != 0:
        said = run.stderr.decode()[-2000:]
        raise common.Wrong(f"`{' '.join(map(str, command))}` ended with {run.returncode}: {said}")


def speed(program, report, seed, long):
    for count, policies in [*SMALLER, (480, 797), (961, 1600)]:
        what = f"{count} workloads, {policies} policies"
        with tempfile.TemporaryDirectory() as folder:
            texts = {}
            for name, objects in large_set(count, policies, seed).items():
                texts[name] = as_yaml(objects)
                (Path(folder) / f"{name}.yaml").write_text(texts[name])
            try:
                ours = median_of(5, lambda: run_quietly([program, "connectivity", folder, "--json"], 120))
                loader = median_of(5, lambda: [list(yaml.load_all(one, yaml.CSafeLoader)) for one in texts.values()])
                report.good(what, f"the command takes {ours:.4f} s")
                report.good(what, f"PyYAML takes {loader:.4f} s to load it alone, {loader / ours:.1f} times as long")
                if count > 480 or (count == 480 and not long):
                    continue
                # Its format with the least work; `txt`, the default, also looks for few rules that say the same.
                nca = [common.VENV / "bin" / "nca", "--connectivity", "-r", folder, "-o", "txt_no_fw_rules"]
                try:
                    theirs = median_of(1, lambda: run_quietly(nca, 900))
                    report.good(what, f"the analyser takes {theirs:.1f} s, {theirs / ours:,.0f} times as long")
                except subprocess.TimeoutExpired:
                    report.good(what, f"the analyser takes more than 900 s, {900 / ours:,.0f} times as long")
            except common.Wrong as error:
                report.fail(what, error)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("--sets", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--long", action="store_true")
    args = parser.parse_args()
    program, report = common.binary(args.binary), common.Report()
    if args.speed:
        speed(program, report, args.seed, args.long)
        report.end()
        return

    # The analyser runs in this process: were it to come to no end, nothing else would stop it.
    faulthandler.dump_traceback_later(900, exit=True)
    connections = 0
    for seed in range(args.seed, args.seed + args.sets):
        connections += check_random(program, report, seed)
        if report.wrong >= ENOUGH:
            report.end()
    if not report.wrong:
        report.good("random sets", f"{args.sets} sets, {connections:,} connections")
    for count, policies in SMALLER:
        check_large(program, report, count, policies, args.seed)
    for name in STACKS:
        for level in LEVELS:
            check_generated(program, report, name, level)
    report.end()


if __name__ == "__main__":
    main()
