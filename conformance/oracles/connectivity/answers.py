"""Both answers in one form, and how they differ.

A connection is a tuple of source, destination, protocol, first and last port. An end is a workload's name or a range of
addresses.
"""

import ipaddress

EXTERNAL = "[External]"


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
