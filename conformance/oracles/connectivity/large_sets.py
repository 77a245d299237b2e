"""Sets of manifests of any size, in which something comes through. Their speed is measured too (benches/compare)."""

import random

from harness.kubernetes import LABEL, namespace_object
from workloads import workload_object

# Workloads and policies of the sets that the analyser finishes in seconds.
SMALLER = [(50, 83), (150, 249)]


def large_set(count, policies, seed):
    """Namespaces of about 20 workloads, a default-deny in each, and policies that allow, each of one workload. Two by
    two they allow one link, from its source and at its destination, so that something comes through."""
    rng = random.Random(seed)
    tiers = ["front", "middle", "back"]
    ports = [{"port": "web"}, {"port": 9090}, {"port": 8000, "endPort": 8006}, {"port": 53, "protocol": "UDP"}]
    teams = {f"space-{at}": rng.choice(["red", "blue", "green"]) for at in range(-(-count // 20))}
    by_namespace = {
        name: [namespace_object(name, {LABEL: name, "team": team})] for name, team in teams.items()
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
        exactly = {"namespaceSelector": {"matchLabels": {LABEL: of_namespace}}, **by_name}
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
