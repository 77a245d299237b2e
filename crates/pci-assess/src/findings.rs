//! What judging a stack notices: settings that undo what a component is there for, components that can't reach what
//! they serve, statements that speak against what is shown.

use pci_stack::{FindingKind, Severity};

/// Every kind of finding that this room makes.
pub static KINDS: &[&FindingKind] = &[
    &CONTRADICTED,
    &LAPSED,
    &REVIEW_OVERDUE,
    &SAYS_NOTHING,
    &NAMES_NOTHING,
    &CUT_OFF,
    &STORE_OPEN,
    &MTLS_OFF,
    &PUBLIC_BUCKET,
    &SELF_SIGNED,
    &ADMISSION_ONLY_WARNS,
    &ADMISSION_FAILS_OPEN,
    &STORE_WITHOUT_LOGIN,
    &SIEM_OFF,
    &AGENT_WITHOUT_TOOLS,
    &SOURCE_CUT_OFF,
    &SOURCE_NOT_LINKED,
];

/// A statement speaks against what is shown.
pub static CONTRADICTED: FindingKind = FindingKind {
    id: "contradicted-by-proof",
    severity: Severity::High,
    what: "a control is attested, inherited or said not to apply, and the stack shows that it does not hold",
    why: "a statement that what is deployed disproves misleads whoever relies on it; the control stays open",
    fix: "mend what is shown, or withdraw the statement",
};

/// A statement counts no more.
pub static LAPSED: FindingKind = FindingKind {
    id: "attestation-lapsed",
    severity: Severity::Medium,
    what: "an attestation does not count on the day that it is held against",
    why: "PCI DSS asks for many activities at set intervals; a statement holds as long as its control's interval",
    fix: "do what it is about again, and state it anew with its date",
};

/// A review is overdue.
pub static REVIEW_OVERDUE: FindingKind = FindingKind {
    id: "review-overdue",
    severity: Severity::Medium,
    what: "links or exceptions were to be reviewed before the day that statements are held against",
    why: "PCI DSS v4 1.2.7 asks for a review of all rules twice a year; a need that nobody looks at again outlives itself",
    fix: "review them, and set the next `review_by`",
};

/// A statement without a name or a reason.
pub static SAYS_NOTHING: FindingKind = FindingKind {
    id: "statement-says-nothing",
    severity: Severity::Medium,
    what: "a statement about a control has a placeholder where it is to name who answers for it, or why it does not apply",
    why: "PCI DSS takes no statement without who made it; the statement does not count",
    fix: "put the name and the reason there, or take the statement away",
};

/// The profile names what the stack does not have.
pub static NAMES_NOTHING: FindingKind = FindingKind {
    id: "profile-names-nothing",
    severity: Severity::Medium,
    what: "the profile names a component or a link that the stack does not have",
    why: "what it says is about nothing, so that the scope or a control is judged without it",
    fix: "name it as the stack does: `describe_stack` lists components and links",
};

/// A component can't reach what it serves.
pub static CUT_OFF: FindingKind = FindingKind {
    id: "cut-off",
    severity: Severity::Medium,
    what: "a component can't reach what it serves, or is not reached by it",
    why: "a log collector, scanner or gate that the policies cut off does nothing, and is evidence of nothing",
    fix: "declare the link, its port, or the exception that lets it through",
};

/// A data store has an opening to networks outside.
pub static STORE_OPEN: FindingKind = FindingKind {
    id: "store-open-to-internet",
    severity: Severity::High,
    what: "a data store's namespace may talk to networks outside",
    why: "PCI DSS v4 1.3.2 and 1.4.4: what keeps data is the last to need a way out or in",
    fix: "take the exception away, or name the addresses that it needs",
};

/// Brokers take clients without certificates.
pub static MTLS_OFF: FindingKind = FindingKind {
    id: "mtls-off",
    severity: Severity::Medium,
    what: "`mtls` of a broker is off",
    why: "clients are not told apart by certificates, and what they send may travel in clear",
    fix: "set `mtls` to true",
};

/// Anybody can read a bucket.
pub static PUBLIC_BUCKET: FindingKind = FindingKind {
    id: "public-bucket",
    severity: Severity::Medium,
    what: "a bucket is public",
    why: "anybody who reaches the store reads it without a login",
    fix: "set `public` to false, unless all that it will ever hold is for everybody",
};

/// Certificates that nobody vouches for.
pub static SELF_SIGNED: FindingKind = FindingKind {
    id: "self-signed-issuer",
    severity: Severity::Medium,
    what: "certificates come from an issuer that nobody vouches for, or that is for tests",
    why: "clients can't tell its certificates from forged ones (PCI DSS v4 4.2.1)",
    fix: "set `issuer` to one that clients trust",
};

/// Admission warns where it should refuse.
pub static ADMISSION_ONLY_WARNS: FindingKind = FindingKind {
    id: "admission-only-warns",
    severity: Severity::Medium,
    what: "an admission rule warns or runs dry, and refuses nothing",
    why: "what it is to keep out is let in",
    fix: "set `opa_action` to deny once its warnings are dealt with",
};

/// Admission lets through what it can't check.
pub static ADMISSION_FAILS_OPEN: FindingKind = FindingKind {
    id: "admission-fails-open",
    severity: Severity::Medium,
    what: "admission lets through what it can't check",
    why: "whoever stops it, or waits until it is down, gets everything admitted",
    fix: "set `opa_failure_policy` to Fail",
};

/// A store asks for no login.
pub static STORE_WITHOUT_LOGIN: FindingKind = FindingKind {
    id: "store-without-login",
    severity: Severity::High,
    what: "a store asks for no login",
    why: "whoever reaches it reads and writes everything (PCI DSS v4 7.2.6, 8.3.1)",
    fix: "set `enable_auth` to true",
};

/// Nothing is made of the logs.
pub static SIEM_OFF: FindingKind = FindingKind {
    id: "siem-off",
    severity: Severity::Medium,
    what: "sources of security events are there, and no OpenSearch with its SIEM switched on",
    why: "events that nobody gathers raise no alert, and no control of requirement 10 counts on them",
    fix: "set `siem` of OpenSearch to true, and link each source to it",
};

/// The agent and the tool server know nothing of each other.
pub static AGENT_WITHOUT_TOOLS: FindingKind = FindingKind {
    id: "agent-without-tools",
    severity: Severity::Low,
    what: "an agent and a FastMCP server are there, and no link joins them",
    why: "the agent has the PCI DSS tools over that link: without it nobody can ask it where the stack stands",
    fix: "add a link from the `stack_agent` to the `fastmcp`",
};

/// Events can't arrive.
pub static SOURCE_CUT_OFF: FindingKind = FindingKind {
    id: "siem-source-cut-off",
    severity: Severity::Medium,
    what: "a source of security events is linked to OpenSearch, and the policies do not let its events through all the way",
    why: "its dashboard stays empty and its monitor silent, and no control of requirement 10 counts on it",
    fix: "declare the links of the whole way, and the ports that they run on",
};

/// Events are there, and nobody links them.
pub static SOURCE_NOT_LINKED: FindingKind = FindingKind {
    id: "siem-source-not-linked",
    severity: Severity::Low,
    what: "a source of security events is in the stack, and no link of its type leads to the OpenSearch whose SIEM is on",
    why: "no dashboard and no monitor is made of its events, so that nobody reviews them there (PCI DSS v4 10.4.1)",
    fix: "link it to OpenSearch by the type that docs/dashboards.md lists, if its events are to be reviewed there",
};
