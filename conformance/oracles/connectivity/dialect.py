"""The same objects in words that the analyser reads rightly: each thing that it reads differently from the Kubernetes API
is written differently, with the reason."""

import copy

from workloads import KINDS


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
