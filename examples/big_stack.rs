//! Prints a generated stack: `cargo run --release --example big_stack -- 1000 5 > big.yaml`.

use std::io::Write as _;

use pci_fixtures::generator;

fn main() -> std::io::Result<()> {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let (components, links) = (numbers.next().unwrap_or(1_000), numbers.next().unwrap_or(5));
    std::io::stdout().write_all(generator::stack(components, links, 7).as_bytes())
}
