//! The program: arguments in, exit code out.

fn main() -> std::process::ExitCode {
    pci_compliance::cli::run()
}
