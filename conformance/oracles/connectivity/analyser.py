"""The analyser: the engine of `nca --connectivity`, run as a library, since its start takes a second and a set some
hundredths."""

import contextlib
import io
import tempfile
from pathlib import Path

from answers import address_range
from dialect import for_analyser
from harness import Wrong
from harness.kubernetes import listing
from workloads import PROTOCOLS, workloads

# What the analyser prints, which is much, and matters only when it fails. Its modules keep the standard error that they
# find when they are imported.
SAID = io.StringIO()
with contextlib.redirect_stderr(SAID):
    from nca.CoreDS.Peer import BasePeerSet, IpBlock
    from nca.NetworkConfig.NetworkConfig import NetworkConfig
    from nca.NetworkConfig.NetworkConfigQuery import ConnectivityMapQuery
    from nca.NetworkConfig.ResourcesHandler import ResourcesHandler
    from nca.Utils.OutputConfiguration import OutputConfiguration


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
            raise Wrong(f"the analyser fails: {error!r}\n{SAID.getvalue()}") from error

    seen = {pod_key(pod) for pod in container.peer_set}
    policies = sum(one["kind"] == "NetworkPolicy" for one in objects)
    if seen != known.keys() or len(config.policies_container.policies) != policies:
        raise Wrong(f"the analyser has not read all that there is: {SAID.getvalue()}")

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
