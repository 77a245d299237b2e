//! What people call the ends of a flow: `ns:NAME`, `internet`, `api-server`, addresses.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use netpol_reach::{AddressBlock, EndId, Ends, Namespace, Table};
use roaring::RoaringBitmap;
use serde::Serialize;

use crate::declared::{End, Flow, Outside};

/// An end's name. Ordered: namespaces first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndName {
    /// A namespace, shown as `ns:NAME`.
    Namespace(Namespace),
    /// Every namespace that nothing names.
    OtherNamespaces,
    /// Every end there is.
    Anywhere,
    /// Networks outside the cluster that nobody vouches for.
    Internet,
    /// Where a load balancer's connections come from.
    LoadBalancer,
    /// The API server's own addresses.
    ApiServer,
    /// The node's own DNS cache.
    NodeDns,
    /// Private and platform addresses, nodes among them.
    Private,
    /// Addresses that an exception names.
    Addresses(Arc<str>),
}

impl fmt::Display for EndName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Namespace(namespace) => write!(f, "ns:{namespace}"),
            Self::OtherNamespaces => f.write_str("any other namespace"),
            Self::Anywhere => f.write_str("anywhere"),
            Self::Internet => f.write_str("internet"),
            Self::LoadBalancer => f.write_str("load-balancer"),
            Self::ApiServer => f.write_str("api-server"),
            Self::NodeDns => f.write_str("node-local-dns"),
            Self::Private => f.write_str("private-addresses"),
            Self::Addresses(text) => f.write_str(text),
        }
    }
}

impl Serialize for EndName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl schemars::JsonSchema for EndName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "End".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "ns:NAME, internet, load-balancer, api-server, private-addresses, or addresses",
        })
    }
}

impl EndName {
    /// The name of a declared end as a whole.
    pub fn of_declared(end: &End) -> Self {
        match end {
            End::Namespace(namespace) => Self::Namespace(namespace.clone()),
            End::Addresses(Outside::Internet, _) => Self::Internet,
            End::Addresses(Outside::LoadBalancer, _) => Self::LoadBalancer,
            End::Addresses(Outside::ApiServer, _) => Self::ApiServer,
            End::Addresses(Outside::Dns, _) => Self::NodeDns,
            End::Addresses(Outside::Addresses, blocks) => Self::of_blocks(blocks),
        }
    }

    /// The name of addresses that have none.
    pub fn of_blocks(blocks: &[AddressBlock]) -> Self {
        Self::Addresses(blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ").into())
    }
}

/// The names of all ends. A class of addresses that several declared ends hold is called by the most telling, and one
/// that none holds is not the internet.
pub(super) fn of_ends(
    ends: &Ends,
    namespaces: &Table<Namespace, EndId>,
    flows: &[Flow],
    internet: &[AddressBlock],
) -> BTreeMap<EndId, EndName> {
    let mut outside: BTreeSet<(u8, EndName, &[AddressBlock])> = BTreeSet::from([(4, EndName::Internet, internet)]);
    for end in flows.iter().flat_map(|flow| [&flow.from, &flow.to]) {
        if let End::Addresses(label, blocks) = end {
            let name = EndName::of_declared(end);
            match label {
                Outside::ApiServer => outside.insert((1, name, blocks)),
                Outside::Dns => outside.insert((2, name, blocks)),
                Outside::LoadBalancer | Outside::Addresses => outside.insert((3, name, blocks)),
                Outside::Internet => false,
            };
        }
    }
    let mut names: BTreeMap<EndId, EndName> = BTreeMap::new();
    for (namespace, end) in namespaces {
        names.insert(*end, EndName::Namespace(namespace.clone()));
    }
    // What is called something is looked at no more, however many hold it.
    let mut nameless = ends.all_outside();
    for (_, name, blocks) in outside {
        let called = ends.of_blocks(blocks) & &nameless;
        nameless -= &called;
        names.extend(called.into_iter().map(|end| (EndId::from(end), name.clone())));
    }
    names.extend(nameless.into_iter().map(|end| (EndId::from(end), EndName::Private)));
    names
}

/// The ends outside by their names, each once.
pub(super) fn of_outside(ends: &Ends, names: &BTreeMap<EndId, EndName>) -> Vec<(EndName, RoaringBitmap)> {
    let mut by_name: BTreeMap<&EndName, RoaringBitmap> = BTreeMap::new();
    let outside = ends.all_outside();
    for (end, name) in names.iter().filter(|(end, _)| outside.contains(u32::from(**end))) {
        by_name.entry(name).or_default().insert(u32::from(*end));
    }
    by_name.into_iter().map(|(name, ends)| (name.clone(), ends)).collect()
}
