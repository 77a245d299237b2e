"""Kubernetes objects that several checks read or make."""

import json

from harness import Wrong

# The label with a namespace's name, which the API server sets on each.
LABEL = "kubernetes.io/metadata.name"


def listing(items):
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})


def namespace_object(name, labels):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def peer_namespaces(policy):
    """The namespaces that a generated policy names. Each of its peers must be one namespace or an address block."""
    found = set()
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for rule in policy["spec"].get(direction) or []:
            if not rule.get(side):
                raise Wrong(f"{policy['metadata']['name']} has a rule for every peer")
            for peer in rule[side]:
                if "ipBlock" in peer:
                    continue
                labels = peer.get("namespaceSelector", {}).get("matchLabels", {})
                if set(peer) != {"namespaceSelector"} or set(labels) != {LABEL}:
                    raise Wrong(f"{policy['metadata']['name']} has a peer that is not one namespace: {peer}")
                found.add(labels[LABEL])
    return found
