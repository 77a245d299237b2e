//! Prints a generated cluster: `cargo run --release --example big_cluster -- 10000 500 10000 > big.yaml` for so many
//! workloads, namespaces and policies.

use std::io::Write as _;

use pci_fixtures::cluster;

fn main() -> std::io::Result<()> {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let mut next = |default| numbers.next().unwrap_or(default);
    let (workloads, namespaces, policies) = (next(961), next(48), next(1_600));
    std::io::stdout().write_all(cluster::manifests(workloads, namespaces, policies).as_bytes())
}
