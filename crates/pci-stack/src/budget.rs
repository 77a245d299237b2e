//! How much of a stack, its exceptions and its profile is taken: so much that an answer about it fits into the memory of
//! the shipped pod (512 MiB), and far more than real stacks have.

use netpol_reach::Budget;

const SPLIT: &str = "describe parts that are run apart as stacks of their own";

/// Components and sub-components.
pub static COMPONENTS: Budget = Budget { name: "components", most: 20_000, of: "components", help: SPLIT };

/// Namespaces that components run in.
pub static NAMESPACES: Budget = Budget { name: "namespaces", most: 10_000, of: "namespaces", help: SPLIT };

/// Links.
pub static LINKS: Budget = Budget { name: "links", most: 30_000, of: "links", help: SPLIT };

/// Attributes of components, those of copies at the ends of links left out.
pub static ATTRIBUTES: Budget = Budget { name: "attributes", most: 500_000, of: "attributes", help: SPLIT };

/// Openings that exceptions ask for: each for every component that it is for and every peer that it names.
pub static OPENINGS: Budget = Budget {
    name: "openings",
    most: 200_000,
    of: "openings by exceptions, up to this one,",
    help: "name single components by `component`, or state what every namespace needs as one system exception",
};

/// Address ranges and holes in all policies together: a list of the profile stands in a policy of each namespace.
pub static RANGES: Budget = Budget {
    name: "address ranges",
    most: 500_000,
    of: "address ranges in policies",
    help: "join neighbouring ranges, or name fewer",
};

/// Address ranges times ports of the exceptions of one namespace: each may have another set of ports.
pub static RANGES_BY_PORTS: Budget = Budget {
    name: "ranges by ports",
    most: 2_000_000,
    of: "pairs of an address range and a port, both named by exceptions for one namespace,",
    help: "join exceptions that differ in nothing but their ports or ranges",
};

/// Statements of a profile: facts, reasons, attestations.
pub static STATEMENTS: Budget =
    Budget { name: "statements", most: 50_000, of: "statements", help: "leave out those of other stacks" };

/// Findings of one kind that reading a stack keeps; further ones are counted.
pub const FINDINGS: usize = 5_000;
