//! The program: arguments in, exit code out.

// For its allocator.
use pci_allocator as _;

fn main() -> std::process::ExitCode {
    pci_compliance::cli::run()
}
