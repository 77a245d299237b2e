//! `pci-profile.yaml`: what a topology can't say. Facts of the cluster, whom PCI DSS binds, where account data goes,
//! and what people state, each with who and when.

mod check;
mod cluster;
mod statements;

use std::{collections::BTreeMap, sync::Arc};

use cluster::ClusterRow;
pub use cluster::{ApiServer, Cluster, Dns, WebhookSource};
use netpol_reach::{
    InputError, Place, clean,
    yaml::{self, Location, Spanned},
};
use schemars::JsonSchema;
use serde::Deserialize;
pub use statements::{Approach, Attestation, Evidence, FlowReason, Inherited, NotApplicable, StatedFact};
use statements::{AttestationRow, FactRow, FlowRow, InheritedRow, NotApplicableRow};

use crate::budget::STATEMENTS;

/// Whom PCI DSS binds, and to which controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// It takes cards.
    Merchant,
    /// It stores, processes or transmits account data for others.
    ServiceProvider,
    /// The same, for several customers in one environment.
    MultiTenant,
}

/// What a component does with account data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountDataRole {
    /// It keeps it.
    Stores,
    /// It works with it.
    Processes,
    /// It passes it on.
    Transmits,
}

/// Where account data goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountData {
    /// Components by name, what each does, and where that stands.
    pub components: Vec<(String, AccountDataRole, Place)>,
    /// Ids of the links that carry it, and where each stands.
    pub links: Vec<(String, Place)>,
}

/// What a topology can't say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Facts of the cluster.
    pub cluster: Cluster,
    /// Whom PCI DSS binds; absent if nobody says.
    pub entity: Option<Entity>,
    /// Whether cards are issued.
    pub is_issuer: bool,
    /// Whether any control is met by the customized approach.
    pub takes_customized_approach: bool,
    /// Where account data goes; absent if nobody says.
    pub account_data: Option<AccountData>,
    /// Facts that no topology holds.
    pub facts: Vec<StatedFact>,
    /// Why links are needed.
    pub flows: Vec<FlowReason>,
    /// In which shape the events of sources come, where it is not what their links say: source and shape.
    pub siem_shapes: BTreeMap<String, String>,
    /// What people answer for.
    pub attestations: Vec<Attestation>,
    /// What does not apply.
    pub not_applicable: Vec<NotApplicable>,
    /// What others answer for.
    pub inherited: Vec<Inherited>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct File {
    /// Facts of the cluster.
    cluster: Option<ClusterRow>,
    /// Whom PCI DSS binds.
    entity: Option<Entity>,
    /// Whether cards are issued.
    issuer: bool,
    /// Whether any control is met by the customized approach.
    customized_approach: bool,
    /// Where account data goes.
    account_data: Option<AccountDataRow>,
    /// Facts that no topology holds.
    #[schemars(with = "Vec<FactRow>")]
    facts: Vec<Spanned<FactRow>>,
    /// Why each link is needed.
    #[schemars(with = "Vec<FlowRow>")]
    flows: Vec<Spanned<FlowRow>>,
    /// How security events come to OpenSearch.
    siem: SiemRow,
    /// What people answer for.
    #[schemars(with = "Vec<AttestationRow>")]
    attestations: Vec<Spanned<AttestationRow>>,
    /// What does not apply.
    #[schemars(with = "Vec<NotApplicableRow>")]
    not_applicable: Vec<Spanned<NotApplicableRow>>,
    /// What others answer for.
    #[schemars(with = "Vec<InheritedRow>")]
    inherited: Vec<Spanned<InheritedRow>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct SiemRow {
    /// Source and shape, such as `falco: flattened`, where it is not what the links say.
    shapes: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct AccountDataRow {
    /// Components by what they do with it.
    components: RolesRow,
    /// Ids of the links that carry it.
    #[schemars(with = "Vec<String>")]
    links: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct RolesRow {
    /// They keep it.
    #[schemars(with = "Vec<String>")]
    store: Vec<Spanned<String>>,
    /// They work with it.
    #[schemars(with = "Vec<String>")]
    process: Vec<Spanned<String>>,
    /// They pass it on.
    #[schemars(with = "Vec<String>")]
    transmit: Vec<Spanned<String>>,
}

impl Profile {
    /// The JSON Schema of the file.
    pub fn schema() -> schemars::Schema {
        schemars::schema_for!(File)
    }

    /// Reads the file's `text`; `file` is how errors name it.
    pub fn read(file: &str, text: &str) -> Result<Self, InputError> {
        let row: File = yaml::read_table(file, text)?;
        let name: Arc<str> = file.into();
        let at = |location: Location| yaml::place(&name, location);
        let profile = Self {
            cluster: row.cluster.unwrap_or_default().checked(file)?,
            entity: row.entity,
            is_issuer: row.issuer,
            takes_customized_approach: row.customized_approach,
            account_data: row.account_data.map(|row| row.read(&at)),
            facts: row.facts.into_iter().map(|row| statements::fact(row, &at)).collect(),
            flows: row.flows.into_iter().map(|row| statements::flow(row, &at)).collect(),
            siem_shapes: row.siem.shapes,
            attestations: row.attestations.into_iter().map(|row| statements::attestation(row, &at)).collect(),
            not_applicable: row.not_applicable.into_iter().map(|row| statements::not_applicable(row, &at)).collect(),
            inherited: row.inherited.into_iter().map(|row| statements::inherited(row, &at)).collect(),
        };
        profile.check_budget(file)?;
        profile.check_once()?;
        Ok(profile)
    }
}

impl AccountDataRow {
    fn read(self, at: statements::At) -> AccountData {
        let named = |names: Vec<Spanned<String>>, role| {
            names.into_iter().map(move |name| (clean(&name.value), role, at(name.referenced))).collect::<Vec<_>>()
        };
        let RolesRow { store, process, transmit } = self.components;
        let mut components = named(store, AccountDataRole::Stores);
        components.extend(named(process, AccountDataRole::Processes));
        components.extend(named(transmit, AccountDataRole::Transmits));
        let links = self.links.into_iter().map(|link| (clean(&link.value), at(link.referenced))).collect();
        AccountData { components, links }
    }
}

impl Profile {
    /// Refuses more statements than are taken, at the first that is over.
    fn check_budget(&self, file: &str) -> Result<(), InputError> {
        let data = self.account_data.iter();
        let of_data = data.clone().flat_map(|data| &data.components).map(|(_, _, place)| place);
        let of_data = of_data.chain(data.flat_map(|data| &data.links).map(|(_, place)| place));
        let facts = self.facts.iter().map(|one| &one.place);
        let flows = self.flows.iter().map(|one| &one.place);
        let attestations = self.attestations.iter().map(|one| &one.place);
        let all: Vec<&Place> = of_data.chain(facts).chain(flows).chain(attestations).collect();
        let over = all.get(STATEMENTS.most).map_or_else(|| Place::whole(file), |place| (*place).clone());
        STATEMENTS.check(all.len(), || over)
    }

    /// Refuses two statements of one sort about the same.
    fn check_once(&self) -> Result<(), InputError> {
        check::once(self.attestations.iter().map(|one| (&one.control, &one.place)), "attested")?;
        check::once(self.not_applicable.iter().map(|one| (&one.control, &one.place)), "not applicable")?;
        check::once(self.inherited.iter().map(|one| (&one.control, &one.place)), "inherited")?;
        check::once(self.facts.iter().map(|one| ((&one.component, &one.fact), &one.place)), "stated")?;
        check::once(self.flows.iter().map(|one| (&one.link, &one.place)), "given a reason")
    }
}
