//! What making the rules notices.

use pci_stack::{FindingKind, Severity};

/// Every kind of finding that this room makes.
pub static KINDS: &[&FindingKind] = &[
    &LINK_WITHOUT_PORT,
    &INTRA_WITHOUT_PORTS,
    &ALLOW_ALL_IGNORED,
    &WITHOUT_REASON,
    &NOT_APPLICABLE,
    &ONE_SIDED_EXCEPTION,
    &PROTECTED_NAMESPACE,
    &BUILD_CUT_OFF,
    &EXTERNAL_SOURCE,
    &EXTERNAL_TARGET,
    &GATEWAY_SOURCE_UNKNOWN,
    &API_SERVER_UNKNOWN,
    &INTERNET_CUT_OFF,
    &SHARED_NAMESPACE,
    &WIDE_RULE,
];

/// Nothing says which ports a link uses.
pub static LINK_WITHOUT_PORT: FindingKind = FindingKind {
    id: "link-without-port",
    severity: Severity::High,
    what: "nothing says which ports a link uses, so it opens none",
    why: "a rule without ports would open all of them; the declared traffic is refused until a port is known",
    fix: "declare `port` on the target component or on the link",
};

/// No port of a namespace is known.
pub static INTRA_WITHOUT_PORTS: FindingKind = FindingKind {
    id: "intra-namespace-without-ports",
    severity: Severity::Medium,
    what: "no port of a namespace's components is known, so its pods may not talk to each other",
    why: "strict mode opens exact ports only",
    fix: "declare `port` on the component, or add its type's ports to well-known-ports",
};

/// An exception asks for all ports in strict mode.
pub static ALLOW_ALL_IGNORED: FindingKind = FindingKind {
    id: "allow-all-ignored",
    severity: Severity::Medium,
    what: "an exception asks for all ports, which strict mode ignores",
    why: "PCI DSS v4 1.2.5 wants every allowed port identified and needed",
    fix: "list the exact ports",
};

/// An exception states no business need.
pub static WITHOUT_REASON: FindingKind = FindingKind {
    id: "exception-without-reason",
    severity: Severity::Medium,
    what: "an exception states no business need",
    why: "PCI DSS v4 1.2.5 asks for the need of every allowed service, protocol and port",
    fix: "add `reason`, and `approved_by`",
};

/// An exception's peer is not in the stack.
pub static NOT_APPLICABLE: FindingKind = FindingKind {
    id: "exception-not-applicable",
    severity: Severity::Info,
    what: "an exception's peer is not in the stack, so it makes no rule",
    why: "an exception for a component type holds only where both ends are there",
    fix: "nothing, unless the component is missing",
};

/// An exception opens its own side only, and the other side is closed.
pub static ONE_SIDED_EXCEPTION: FindingKind = FindingKind {
    id: "one-sided-exception",
    severity: Severity::Medium,
    what: "an exception opens its own side only, and its peer is a namespace that is closed by default",
    why: "a connection needs both: egress where it leaves, ingress where it arrives",
    fix: "name the peer by `component_type`, which opens both sides, or add the other half",
};

/// A component runs in one of the cluster's own namespaces.
pub static PROTECTED_NAMESPACE: FindingKind = FindingKind {
    id: "protected-namespace",
    severity: Severity::Medium,
    what: "a component runs in one of the cluster's own namespaces, which get no policies",
    why: "a default-deny there would take the cluster's DNS and agents down; the component's side stays open",
    fix: "move the component to a namespace of its own",
};

/// The build namespace reaches nothing but DNS and the API.
pub static BUILD_CUT_OFF: FindingKind = FindingKind {
    id: "build-namespace-cut-off",
    severity: Severity::Medium,
    what: "the build namespace may reach DNS and the Kubernetes API only",
    why: "image builds usually fetch from git and push to a registry",
    fix: "build outside the cluster, or apply a NetworkPolicy of your own to this namespace for git and the registry",
};

/// A link starts at a component of another stack.
pub static EXTERNAL_SOURCE: FindingKind = FindingKind {
    id: "external-source",
    severity: Severity::Info,
    what: "a link starts at a component of another stack and makes no rule",
    why: "its traffic comes in by the gateway",
    fix: "let the gateway route it",
};

/// A link ends at a component of another stack, and nothing lets it out.
pub static EXTERNAL_TARGET: FindingKind = FindingKind {
    id: "external-target",
    severity: Severity::High,
    what: "a link ends at a component of another stack, and no internet exception lets its source out",
    why: "that component is reached from outside, at its `remote_host` on port 443",
    fix: "add an internet exception for the source's type, egress, port 443",
};

/// Nothing says where a load balancer's connections come from.
pub static GATEWAY_SOURCE_UNKNOWN: FindingKind = FindingKind {
    id: "gateway-source-unknown",
    severity: Severity::Low,
    what: "nothing says where the connections to a gateway come from, so any address may",
    why: "a load balancer's source is a node's address by default, and some plugins match no node by its address",
    fix: "say `cluster.load_balancer_sources` in pci-profile.yaml",
};

/// Nothing says where the API server is.
pub static API_SERVER_UNKNOWN: FindingKind = FindingKind {
    id: "api-server-unknown",
    severity: Severity::Medium,
    what: "nothing says where the API server is, so rules to it and from it may match nothing",
    why: "its endpoints are mostly node addresses, which no namespace selects",
    fix: "add to pci-profile.yaml: `cluster: {api_server: {addresses: [10.0.0.10/32], ports: [6443]}}`, with your own",
};

/// A component usually fetches from the internet, and nothing lets it.
pub static INTERNET_CUT_OFF: FindingKind = FindingKind {
    id: "internet-cut-off",
    severity: Severity::Medium,
    what: "a component usually fetches something from the internet, and no exception lets it",
    why: "strict mode lets out only what is listed",
    fix: "serve it from within, or add an internet exception with its reason",
};

/// A component has openings that only its neighbours need.
pub static SHARED_NAMESPACE: FindingKind = FindingKind {
    id: "shared-namespace",
    severity: Severity::Medium,
    what: "components share a namespace, and with it each other's openings",
    why: "policies act on namespaces, so what one component may do its neighbours may too",
    fix: "give each a namespace of its own; `by_sharing` lists what each has of the others",
};

/// An exception opens every namespace of the stack.
pub static WIDE_RULE: FindingKind = FindingKind {
    id: "wide-rule",
    severity: Severity::Medium,
    what: "an exception lets a component reach every namespace of the stack",
    why: "PCI DSS v4 7.2.5 asks that system accounts have the least access they need",
    fix: "disable the exception, or replace it by links to what the component uses",
};
