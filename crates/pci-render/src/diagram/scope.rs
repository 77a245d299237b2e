//! What a diagram shows: all namespaces, or one and what is around it.

use netpol_reach::{Namespace, clean, nearest};
use pci_engine::Snapshot;

/// How many namespaces an error names.
const NAMED_NAMESPACES: usize = 40;

/// What a diagram shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All namespaces.
    Overview,
    /// One namespace and its peers.
    Namespace(Namespace, Depth),
}

/// How far around a namespace a diagram goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// To its peers.
    #[default]
    Peers,
    /// To the peers of these.
    PeersOfPeers,
}

impl Scope {
    /// The same, as far around as `depth` says. The overview is of everything already.
    #[must_use]
    pub fn to(self, depth: Depth) -> Self {
        match self {
            Self::Overview => Self::Overview,
            Self::Namespace(namespace, _) => Self::Namespace(namespace, depth),
        }
    }

    /// The scope that `text` names: a namespace, or a component, which stands for its namespace.
    pub fn find(snapshot: &Snapshot, text: &str) -> Result<Self, String> {
        let basis = snapshot.basis();
        let namespaces = basis.namespaces();
        let bare = text.strip_prefix("ns:").unwrap_or(text);
        if let Some(namespace) = namespaces.iter().find(|namespace| namespace.as_str() == bare) {
            return Ok(Self::Namespace(namespace.clone(), Depth::Peers));
        }
        for (id, component) in snapshot.stack.with_ids() {
            if component.name.to_string() == bare
                && let Some(namespace) = snapshot.stack.namespace(id).filter(|namespace| namespaces.contains(namespace))
            {
                return Ok(Self::Namespace(namespace.clone(), Depth::Peers));
            }
        }
        if let Some(external) =
            snapshot.stack.components.iter().find(|known| known.is_external && known.name.to_string() == bare)
        {
            return Err(format!(
                "`{}` is of another stack: it has no namespace here, and is drawn as part of the internet",
                external.name
            ));
        }
        let components = snapshot.stack.components.iter().map(|component| component.name.to_string());
        let names: Vec<String> = namespaces.iter().map(ToString::to_string).chain(components).collect();
        let hint = nearest(bare, names.iter().map(String::as_str)).map(|near| format!("; did you mean `{near}`?"));
        let mut list: Vec<String> =
            namespaces.iter().take(NAMED_NAMESPACES).map(|namespace| format!("`{namespace}`")).collect();
        if namespaces.len() > NAMED_NAMESPACES {
            list.push(format!("and {} more", namespaces.len() - NAMED_NAMESPACES));
        }
        Err(format!("no namespace `{}`{}; namespaces: {}", clean(text), hint.unwrap_or_default(), list.join(", ")))
    }
}
