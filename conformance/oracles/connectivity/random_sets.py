"""Random sets of manifests. Between them they use all that a NetworkPolicy of networking.k8s.io/v1 can say."""

import ipaddress
import random

from harness.kubernetes import LABEL, namespace_object
from workloads import KINDS, PROTOCOLS, workload_object

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
def labels(rng, vocabulary):
    """Labels from the vocabulary, each key with a chance of two in three."""
    return {key: rng.choice(values) for key, values in vocabulary.items() if rng.random() < 0.67}


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
    namespace_labels = {**NAMESPACE_LABELS, LABEL: NAMESPACES}
    objects = []
    for name in names:
        # A namespace that no object describes is there for what it holds. Each has the label with its name, which the
        # API server sets, whether it is written out or not.
        if rng.random() < 0.8:
            written = {LABEL: name} if rng.random() < 0.5 else {}
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
