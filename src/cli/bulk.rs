//! `overview --bulk`: documents out, a line each.

use std::{
    io::{self, BufWriter},
    process::ExitCode,
};

use clap::ArgMatches;
use pci_ask::tools::{self, BulkError};

use super::{input, print};

pub(super) fn run(flags: &ArgMatches) -> ExitCode {
    let fleet = match input::fleet(flags) {
        Ok(fleet) => fleet,
        Err(error) => return print::failure(&error, 2),
    };
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    match tools::bulk(&fleet, &mut out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(BulkError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(BulkError::Ask(error)) => print::refuse(&error),
        Err(error) => print::failure(&error.to_string(), 2),
    }
}
