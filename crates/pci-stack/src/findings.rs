//! What a reader of stacks notices.

use crate::{FindingKind, Severity};

/// Every kind of finding that this room makes.
pub static KINDS: &[&FindingKind] = &[
    &ONE_SIDED_LINK,
    &COPY_DIFFERS,
    &DOUBTFUL_FLAG,
    &NO_SYSTEM_NAME,
    &UNKNOWN_TYPE,
    &UNKNOWN_KEY,
    &LINK_TYPE_DIFFERS,
    &EMPTY_STACK,
    &DEFAULT_SECRET,
    &SHARED_SECRET,
    &SECRETS_IN_CLEAR,
];

/// A secret is a default.
pub static DEFAULT_SECRET: FindingKind = FindingKind {
    id: "default-secret",
    severity: Severity::High,
    what: "a secret is one that suppliers set, that everybody tries first, or its owner's name",
    why: "whoever reaches the component gets in (PCI DSS v4 2.2.2)",
    fix: "set a long random one, best from a secret store",
};

/// Several components have the same secret.
pub static SHARED_SECRET: FindingKind = FindingKind {
    id: "shared-secret",
    severity: Severity::Medium,
    what: "several components have the same secret and are not one server and its clients; high if it is an \
           administrator's",
    why: "who learns it from one gets into all, and nobody can tell who used it (PCI DSS v4 8.2.2, 8.6.3)",
    fix: "give each component a secret of its own",
};

/// The file holds secrets in clear.
pub static SECRETS_IN_CLEAR: FindingKind = FindingKind {
    id: "secrets-in-clear",
    severity: Severity::Medium,
    what: "the stack's file holds secrets, and does not say that it is encrypted where it is kept",
    why: "whoever reads the file, or the repository that it is kept in, has them all (PCI DSS v4 8.6.2)",
    fix: "set `sops_enabled` to true and encrypt the file, or take the secrets from a secret store",
};

/// A link stands at one of its ends only.
pub static ONE_SIDED_LINK: FindingKind = FindingKind {
    id: "one-sided-link",
    severity: Severity::Low,
    what: "a link stands at one of its ends only",
    why: "the file repeats each link at both ends, so one of them was lost or added by hand; the link counts",
    fix: "add it at the other end too, or generate the file anew",
};

/// Copies of a component differ.
pub static COPY_DIFFERS: FindingKind = FindingKind {
    id: "copy-differs",
    severity: Severity::Low,
    what: "an attribute differs between a component and a copy of it at the end of a link",
    why: "the file copies each component into its links; the component's own entry is what counts",
    fix: "generate the file anew, so that the copies agree",
};

/// A flag is neither true nor false.
pub static DOUBTFUL_FLAG: FindingKind = FindingKind {
    id: "doubtful-flag",
    severity: Severity::Medium,
    what: "a flag holds a text that is neither true nor false",
    why: "templates take any text that is not empty for `on`, the text \"false\" too; so it is no evidence of either",
    fix: "write true or false, without quotes",
};

/// The stack has no name of its own.
pub static NO_SYSTEM_NAME: FindingKind = FindingKind {
    id: "no-system-name",
    severity: Severity::Low,
    what: "`configuration.system_name` is missing",
    why: "files, labels and dashboards are named after it",
    fix: "set `configuration.system_name`",
};

/// A component type is not in the catalogue.
pub static UNKNOWN_TYPE: FindingKind = FindingKind {
    id: "unknown-type",
    severity: Severity::Low,
    what: "a component type is not in the catalogue",
    why: "nothing is known of its ports but what it declares, and none of its attributes is read",
    fix: "declare `port` on the component, or add the type's ports to a pci-exceptions.yaml of your own",
};

/// A link's type is not made of its ends' types.
pub static LINK_TYPE_DIFFERS: FindingKind = FindingKind {
    id: "link-type-differs",
    severity: Severity::Low,
    what: "a link's `type` is not made of the types of its ends",
    why: "what looks for links by type, dashboards for one, does not find it",
    fix: "write SOURCE-TARGET, with the types of both ends, or leave `type` out",
};

/// The stack has no components.
pub static EMPTY_STACK: FindingKind = FindingKind {
    id: "empty-stack",
    severity: Severity::High,
    what: "the stack has no components",
    why: "its policies are none, and applying that with `--prune` takes all earlier ones away",
    fix: "check that this is the whole file",
};

/// A key that the file's shape does not know.
pub static UNKNOWN_KEY: FindingKind = FindingKind {
    id: "unknown-key",
    severity: Severity::Info,
    what: "a key that the file's shape does not know",
    why: "it is let pass, and nothing is read from it",
    fix: "nothing, unless it was meant to be one of the known keys",
};
