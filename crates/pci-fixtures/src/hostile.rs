//! Texts that are made of markup, in every place of the files where a text may stand; and what a viewer of Markdown makes
//! of an answer about them.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Texts that become an image, a link, raw HTML, a heading, a table or emphasis where nobody escapes them. Each holds
/// `evil`.
pub const TEXTS: [&str; 9] = [
    "![evil](http://evil.example/p.png) http://evil.example/a www.evil.example",
    "[evil](http://evil.example) <img src=http://evil.example/p.png> jo@evil.example",
    "<script>evil</script> <http://evil.example> **evil**",
    "# evil heading",
    "x\n\n## evil heading\n\nevil heading\n===",
    "`![evil](http://evil.example)` ``[evil](http://evil.example)``",
    "](http://evil.example) evil | <b>evil</b> | ![evil](http://evil.example) \\",
    "> evil",
    "[evil]: http://evil.example",
];

/// A stack, a profile and exceptions.
#[derive(Debug)]
pub struct Files {
    /// `stack-metadata.yaml`
    pub stack: String,
    /// `pci-profile.yaml`
    pub profile: String,
    /// `pci-exceptions.yaml`
    pub exceptions: String,
}

/// Files with a hostile text in every place that takes one, each with the next of [`TEXTS`], beginning with the one at
/// `first`.
pub fn files(first: usize) -> Files {
    let mut next = first;
    // Names are to be distinct, so each text has a number of its own.
    let mut evil = || {
        next += 1;
        serde_json::to_string(&format!("{} {next}", TEXTS[next % TEXTS.len()])).unwrap()
    };
    let named = ["APP", "KIND", "PART", "FAR"].map(|name| (name, evil()));
    let mut filled = |template: &str| {
        let template = named.iter().fold(template.to_owned(), |text, (name, value)| text.replace(name, value));
        let mut pieces = template.split("EVIL");
        let head = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(head, |text, piece| text + &evil() + piece)
    };
    Files { stack: filled(STACK), profile: filled(PROFILE), exceptions: filled(EXCEPTIONS) }
}

const STACK: &str = r"
project_slug: EVIL
EVIL: 1
components:
  EVIL:
    type: KIND
    name: APP
    group: EVIL
    EVIL: 1
    attributes: {namespace: app, port: 8000, version: EVIL, EVIL: EVIL, rbac: EVIL}
    sub_components:
      PART: {type: EVIL, attributes: {EVIL: EVIL}}
    links_to:
      db: {type: EVIL, attributes: {EVIL: EVIL, port: 5432}}
      FAR: {type: EVIL}
  db:
    type: cnpg
    attributes: {namespace: db, psql_version: EVIL, password: EVIL}
    sub_components: {cards: {type: db, attributes: {database: EVIL, grant: EVIL}}}
  FAR: {type: fastapi, attributes: {is_external: true, namespace: far, remote_host: EVIL}}
  gate: {type: apisix, attributes: {namespace: gate}, links_to: {APP: {attributes: {cors: EVIL}}}}
  logs: {type: opensearch, attributes: {namespace: logs, siem: true}}
  watch: {type: falco, attributes: {namespace: watch, falco_priority: EVIL}, links_to: {logs: {}}}
  EVIL: {type: EVIL, attributes: {namespace: app, port: 9000}, links_to: {db: {}}}
  EVIL: {type: redis, attributes: {namespace: cache}}
configuration: {system_name: EVIL, microsegmentation_level: pci_dss_strict, sops_enabled: EVIL}
";

const PROFILE: &str = r"
cluster: {cni: EVIL}
entity: merchant
account_data:
  components: {store: [db, EVIL], process: [APP], transmit: [EVIL]}
  links: [EVIL, gate -> db]
facts:
  - {component: db, fact: audit_logging, value: EVIL, stated_by: EVIL, date: 2026-01-01, evidence: EVIL}
  - {component: db, fact: strong_cryptography, value: true, stated_by: EVIL, date: 2026-01-01, evidence: EVIL}
  - {component: db, fact: function, value: EVIL, stated_by: EVIL, date: 2026-01-01}
  - {component: db, fact: environment, value: EVIL, stated_by: EVIL}
  - {component: APP, fact: function, value: EVIL, stated_by: EVIL}
  - {component: APP, fact: environment, value: EVIL, stated_by: EVIL}
  - {component: EVIL, fact: EVIL, value: EVIL, stated_by: EVIL}
flows:
  - {link: EVIL, reason: EVIL, approved_by: EVIL}
  - {link: watch -> logs, reason: EVIL, approved_by: EVIL, review_by: 2025-01-01}
attestations:
  - {control: 1.1.1, who: EVIL, role: EVIL, date: 2026-01-01, evidence: {reference: EVIL, digest: EVIL}, stack_digest: EVIL}
  - {control: 8.1.1, who: EVIL, role: EVIL, date: 2026-01-01, evidence: {reference: EVIL}}
not_applicable:
  - {control: 9.5.1, reason: EVIL, approver: EVIL, date: 2026-01-01}
inherited:
  - {control: 9.2.1, from: EVIL, date: 2026-01-01, evidence: {reference: EVIL}}
";

const EXCEPTIONS: &str = r"
component-exceptions:
  - {id: EVIL, type: KIND, direction: egress, peer: {component_type: cnpg}, ports: [5432], reason: EVIL, approved_by: EVIL, review_by: EVIL, ticket: EVIL}
  - {id: EVIL, type: cnpg, component: EVIL, direction: ingress, peer: {namespace: elsewhere}, ports: [5432], reason: EVIL}
  - {id: EVIL, type: KIND, direction: egress, peer: {cidr: 203.0.113.0/24}, ports: [443], allow_all_ports: true}
internet-exceptions:
  - {id: EVIL, type: KIND, component: APP, direction: egress, ports: [443], reason: EVIL, review_by: 2025-01-01}
";

/// What a viewer of Markdown makes of the hostile texts in `markdown`: images, links, HTML, headings and the like. A
/// viewer of GitHub's also makes links of addresses that stand outside of code.
pub fn markup(markdown: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES;
    let mut found = Vec::new();
    let (mut in_code, mut inside) = (false, Vec::new());
    // Texts that stand next to each other are one text to whatever looks for addresses.
    let mut text = String::new();
    for event in Parser::new_ext(markdown, options) {
        match &event {
            Event::Text(piece) if !in_code => {
                text.push_str(piece);
                continue;
            }
            Event::Start(Tag::Image { dest_url, .. }) => found.push(format!("an image of {dest_url}")),
            Event::Start(Tag::Link { dest_url, .. }) if dest_url.contains("evil") => {
                found.push(format!("a link to {dest_url}"));
            }
            Event::Html(html) | Event::InlineHtml(html) => found.push(format!("HTML: {html}")),
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Start(tag @ (Tag::Strong | Tag::Emphasis | Tag::Heading { .. } | Tag::BlockQuote(_))) => {
                inside.push(format!("{tag:?}"));
            }
            _ => {}
        }
        let is_linked = ["://evil", "www.evil", "@evil"].iter().any(|address| text.contains(address));
        let is_whole = matches!(text.trim(), "evil" | "evil heading") && !inside.is_empty();
        if is_linked || is_whole {
            found.push(format!("{inside:?}: {text}"));
        }
        text.clear();
        if let Event::End(TagEnd::Strong | TagEnd::Emphasis | TagEnd::Heading(_) | TagEnd::BlockQuote(_)) = &event {
            inside.pop();
        }
    }
    found
}
