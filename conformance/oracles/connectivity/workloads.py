"""Workloads of a set of manifests: made, and found again by namespace and name."""

PROTOCOLS = {"TCP": 6, "UDP": 17, "SCTP": 132}
# Pods with ownerReferences, and those on the host's network, don't occur: the first stand for a workload that is not in
# the set; of the second the API says that policies may or may not hold for them, and the analyser takes them as others.
KINDS = [
    *("Pod", "Pod", "Pod", "Deployment", "Deployment", "StatefulSet"),
    *("DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob"),
]
API_VERSIONS = {"Pod": "v1", "ReplicationController": "v1", "Job": "batch/v1", "CronJob": "batch/v1"}


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


def namespace_of(one):
    return one["metadata"].get("namespace", "default")


def workloads(objects):
    """The names of the workloads, by namespace and name."""
    return {
        (namespace_of(one), one["metadata"]["name"]): f"{namespace_of(one)}/{one['metadata']['name']}[{one['kind']}]"
        for one in objects
        if one["kind"] in KINDS
    }
