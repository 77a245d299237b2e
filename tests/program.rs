//! The program, as a shell runs it.

use assert_cmd::Command;

/// The program, without arguments.
pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_pci-compliance-mcp"))
}
