//! Well-known ports: which pod ports a component type opens, and to whom.

use std::collections::BTreeMap;

use netpol_reach::{Port, PortNumber, Ports, Protocol};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::TypeName;

/// Who connects to a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Those who use the component.
    Client,
    /// Browsers, through a gateway.
    Ui,
    /// Administrators.
    Admin,
    /// A metrics collector.
    Metrics,
    /// The component's own other pods.
    Peer,
    /// The API server.
    Webhook,
    /// The node's agent.
    Health,
    /// Nobody, unless a link or an override asks for it.
    Optional,
}

/// One pod port of a type.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PortRow {
    /// The port on the pod.
    pub port: PortNumber,
    /// The protocol, TCP if absent.
    #[serde(default)]
    pub protocol: Protocol,
    /// What the port is.
    pub name: String,
    /// Who connects to it.
    pub roles: Vec<Role>,
    /// Service ports that stand for it.
    #[serde(default)]
    pub service_ports: Vec<PortNumber>,
}

impl PortRow {
    /// Number and protocol.
    pub fn port(&self) -> Port {
        Port { number: self.port, protocol: self.protocol }
    }

    /// Whether `role` connects to it.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// The ports of links between two given types, whatever else is known of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortOverride {
    /// Its id.
    pub id: String,
    /// The ports.
    pub ports: Ports,
    /// Whether the connection runs against the link: the target dials the source.
    pub reversed: bool,
}

/// Ports by type, and overrides by pair of types.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PortTable {
    rows: BTreeMap<TypeName, Vec<PortRow>>,
    overrides: BTreeMap<(TypeName, TypeName), PortOverride>,
}

impl PortTable {
    /// A table of `rows` and `overrides`.
    pub(super) fn new(
        rows: BTreeMap<TypeName, Vec<PortRow>>,
        overrides: BTreeMap<(TypeName, TypeName), PortOverride>,
    ) -> Self {
        Self { rows, overrides }
    }

    /// The pod ports of `name`; none if the type is not in the table.
    pub fn rows(&self, name: &TypeName) -> &[PortRow] {
        self.rows.get(name).map_or(&[], Vec::as_slice)
    }

    /// All types that have ports.
    pub fn types(&self) -> impl Iterator<Item = &TypeName> {
        self.rows.keys()
    }

    /// The ports of `name` that any of `roles` connects to; an `optional` port only if that is asked for.
    pub fn with_roles(&self, name: &TypeName, roles: &[Role]) -> Ports {
        let wanted = |row: &&PortRow| {
            roles.iter().any(|role| row.has(*role)) && (!row.has(Role::Optional) || roles.contains(&Role::Optional))
        };
        self.rows(name).iter().filter(wanted).map(PortRow::port).collect()
    }

    /// Every pod port of `name` that is open without being asked for.
    pub fn of_type<'a>(&'a self, name: &TypeName) -> impl Iterator<Item = Port> + 'a {
        self.rows(name).iter().filter(|row| !row.has(Role::Optional)).map(PortRow::port)
    }

    /// The override for links from `source` to `target`.
    pub fn override_for(&self, source: &TypeName, target: &TypeName) -> Option<&PortOverride> {
        self.overrides.get(&(source.clone(), target.clone()))
    }

    /// The pod ports that the Service port `service` of `name` stands for, and nothing if it is a pod port itself.
    pub fn behind_service(&self, name: &TypeName, service: PortNumber) -> Ports {
        let rows = self.rows(name);
        rows.iter().filter(|row| row.service_ports.contains(&service)).map(PortRow::port).collect()
    }

    /// Whether `port` is a pod port of `name`.
    pub fn is_pod_port(&self, name: &TypeName, port: Port) -> bool {
        self.rows(name).iter().any(|row| row.port() == port)
    }
}
