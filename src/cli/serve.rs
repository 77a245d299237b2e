//! `serve`: flags → a server and its transport.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
};

use axum::http::uri::Authority;
use clap::{Arg, ArgAction, ArgMatches, Command, builder::EnumValueParser, value_parser};

use super::{arguments::with_stacks_and_input, input, print};
use crate::{
    mcp::{
        self, Log, Server,
        http::{Allowed, AllowedOrigin, Options},
    },
    tools::WriteTo,
};

pub(super) fn command() -> Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).requires("http").help(help)
    };
    let about = "Serve the questions to MCP clients, over standard input and output or over HTTP";
    with_stacks_and_input(Command::new("serve").about(about))
        .arg(
            Arg::new("output-dir")
                .long("output-dir")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Let `generate_policies` write, to DIR/<stack id>/ and nowhere else"),
        )
        .arg(
            Arg::new("http")
                .long("http")
                .value_name("ADDRESS")
                .value_parser(address)
                .help("Serve Streamable HTTP at http://ADDRESS/mcp: a port, or an address and a port"),
        )
        .arg(
            Arg::new("auth")
                .long("auth")
                .value_name("HOW")
                .value_parser(["none"])
                .requires("http")
                .help("Who may ask: `none` says that whoever reaches an address beyond this machine may"),
        )
        .arg(
            Arg::new("allowed-host")
                .long("allowed-host")
                .value_name("HOST")
                .action(ArgAction::Append)
                .value_parser(value_parser!(Authority))
                .requires("http")
                .help("A name besides localhost that requests may be for: NAME, or NAME:PORT"),
        )
        .arg(
            Arg::new("allowed-origin")
                .long("allowed-origin")
                .value_name("ORIGIN")
                .action(ArgAction::Append)
                .value_parser(value_parser!(AllowedOrigin))
                .requires("http")
                .help("An origin of pages besides localhost's that may ask, such as https://chat.example.com"),
        )
        .arg(flag("sessions", "Keep sessions for clients of the protocol before 2026-07-28"))
        .arg(flag("legacy-sse", "Also serve the retired transport, GET /sse and POST /messages"))
        .arg(
            Arg::new("log")
                .long("log")
                .value_name("FORM")
                .value_parser(EnumValueParser::<Log>::new())
                .default_value("text")
                .help("How traces are written to standard error; RUST_LOG says which"),
        )
}

pub(super) fn run(flags: &ArgMatches) -> ExitCode {
    let options = match options(flags) {
        Ok(options) => options,
        Err(usage) => return print::failure(&usage, 2),
    };
    let read = input::origin(flags).and_then(|origin| {
        let fleet = origin.load().map_err(|error| error.to_string())?;
        Ok((origin, fleet))
    });
    let (origin, fleet) = match read {
        Ok(read) => read,
        Err(error) => return print::failure(&error, 2),
    };
    let write_to = flags.get_one::<PathBuf>("output-dir").cloned().map_or(WriteTo::Nowhere, WriteTo::Under);
    mcp::trace(flags.get_one::<Log>("log").copied().unwrap_or_default());
    let server = Server::new(fleet, Some(origin), write_to);
    let ended = match options {
        Some(options) => mcp::serve_http(server, &options),
        None => mcp::serve_stdio(server),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => print::failure(&format!("{error:#}"), 1),
    }
}

/// How to serve HTTP, if that is asked for.
fn options(flags: &ArgMatches) -> Result<Option<Options>, String> {
    let Some(listen) = flags.get_one::<SocketAddr>("http").copied() else { return Ok(None) };
    if !listen.ip().is_loopback() && !flags.contains_id("auth") {
        return Err(format!(
            "{listen} can be reached from other machines: say `--auth none` if whoever reaches it may ask, or listen on \
             127.0.0.1"
        ));
    }
    let hosts = flags.get_many::<Authority>("allowed-host").into_iter().flatten().cloned().collect();
    let origins = flags.get_many::<AllowedOrigin>("allowed-origin").into_iter().flatten().cloned().collect();
    let (sessions, legacy_sse) = (flags.get_flag("sessions"), flags.get_flag("legacy-sse"));
    Ok(Some(Options { listen, sessions, legacy_sse, allowed: Allowed { hosts, origins } }))
}

/// An address and a port; a port alone is one of this machine's own.
fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.parse() {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    let text = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    text.parse().map_err(|_| "expected a port, or an address and a port, such as 127.0.0.1:8080".to_owned())
}
