//! `serve`: flags → a server and its transport.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    path::PathBuf,
    process::ExitCode,
};

use axum::http::{Uri, uri::Authority};
use clap::{Arg, ArgAction, ArgMatches, Command, builder::EnumValueParser, value_parser};
use pci_ask::tools::WriteTo;

use super::{input, print};
use crate::mcp::{
    self, Log, Server,
    http::{Allowed, AllowedOrigin, Auth, OAuth, Options, TokenFile, Watched},
};

pub(super) fn command() -> Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).requires("http").help(help)
    };
    let file = |name: &'static str| {
        Arg::new(name).long(name).value_name("FILE").value_parser(value_parser!(PathBuf)).requires("http")
    };
    let address_of =
        |name: &'static str| Arg::new(name).long(name).value_name("URL").value_parser(url).requires("http");
    let about = "Serve the questions to MCP clients, over standard input and output or over HTTP";
    input::with_stacks_and_input(Command::new("serve").about(about))
        .arg(
            Arg::new("output-dir")
                .long("output-dir")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Let `generate_policies` write, to DIR/<stack id>/ and nowhere else"),
        )
        .arg(
            Arg::new("today")
                .long("today")
                .action(ArgAction::SetTrue)
                .conflicts_with("as-of")
                .help("Hold statements against the current day (UTC) where a question names no other"),
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
                .conflicts_with_all(["token-file", "oauth-issuer"])
                .help("Who may ask: `none` says that whoever reaches an address beyond this machine may"),
        )
        .arg(
            file("token-file").conflicts_with("oauth-issuer").help(
                "Who may ask: whoever has one of the bearer tokens in FILE, one a line; read anew when it changes",
            ),
        )
        .arg(
            address_of("oauth-issuer")
                .requires_all(["oauth-audience", "jwks"])
                .help("Who may ask: whoever this authorization server has given a token"),
        )
        .arg(
            address_of("oauth-audience")
                .requires("oauth-issuer")
                .help("For which such tokens must be: this server's own address, as https://pci.example.com/mcp"),
        )
        .arg(
            file("jwks")
                .requires("oauth-issuer")
                .help("The authorization server's public keys, a JWKS; read anew when it changes"),
        )
        .arg(
            Arg::new("rate")
                .long("rate")
                .value_name("N")
                .value_parser(value_parser!(u32))
                .default_value("1000")
                .requires("http")
                .help("How many requests a second each address may send; 0 for any number"),
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
    let is_of_today = flags.get_flag("today");
    let read = input::origin(flags).and_then(|mut origin| {
        if is_of_today {
            origin.as_of = mcp::today();
        }
        let fleet = origin.load().map_err(|error| error.to_string())?;
        Ok((origin, fleet))
    });
    let (origin, fleet) = match read {
        Ok(read) => read,
        Err(error) => return print::failure(&error, 2),
    };
    let write_to = flags.get_one::<PathBuf>("output-dir").cloned().map_or(WriteTo::Nowhere, WriteTo::Under);
    mcp::trace(flags.get_one::<Log>("log").copied().unwrap_or_default());
    let server = Server::new(fleet, Some(origin), is_of_today, write_to);
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
    let auth = auth(flags)?;
    let is_open = matches!(auth, Auth::None) && !flags.contains_id("auth");
    if is_open && !listen.ip().is_loopback() {
        return Err(format!(
            "{listen} can be reached from other machines: say who may ask by `--token-file FILE` or `--oauth-issuer URL`, \
             say `--auth none` if whoever reaches it may, or listen on 127.0.0.1"
        ));
    }
    let hosts = flags.get_many::<Authority>("allowed-host").into_iter().flatten().cloned().collect();
    let origins = flags.get_many::<AllowedOrigin>("allowed-origin").into_iter().flatten().cloned().collect();
    let (sessions, legacy_sse) = (flags.get_flag("sessions"), flags.get_flag("legacy-sse"));
    let rate = flags.get_one::<u32>("rate").copied().and_then(NonZeroU32::new);
    Ok(Some(Options { listen, sessions, legacy_sse, allowed: Allowed { hosts, origins }, auth, rate }))
}

/// Who may ask.
fn auth(flags: &ArgMatches) -> Result<Auth, String> {
    let text = |name: &str| flags.get_one::<String>(name).map_or("", String::as_str);
    if let Some(path) = flags.get_one::<PathBuf>("token-file") {
        return TokenFile::of(path).map(|tokens| Auth::Tokens(Watched::new(tokens))).map_err(|error| error.to_string());
    }
    let Some(jwks) = flags.get_one::<PathBuf>("jwks") else { return Ok(Auth::None) };
    let oauth = OAuth::of(text("oauth-issuer"), text("oauth-audience"), jwks);
    oauth.map(|oauth| Auth::OAuth(Watched::new(oauth))).map_err(|error| error.to_string())
}

/// An absolute address, which is compared as it stands.
fn url(text: &str) -> Result<String, String> {
    let uri = text.parse::<Uri>().ok().filter(|uri| uri.authority().is_some() && uri.query().is_none());
    uri.filter(|uri| matches!(uri.scheme_str(), Some("https" | "http")))
        .map(|_| text.to_owned())
        .ok_or_else(|| "expected an address without a query, such as https://login.example.com".to_owned())
}

/// An address and a port; a port alone is one of this machine's own.
fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.parse() {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    let text = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    text.parse().map_err(|_| "expected a port, or an address and a port, such as 127.0.0.1:8080".to_owned())
}
