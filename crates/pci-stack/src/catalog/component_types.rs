//! `component-types.yaml`: what is known of each component type, apart from its ports.

use std::{collections::BTreeMap, sync::Arc};

use netpol_reach::{
    InputError, Namespace,
    yaml::{self, Spanned},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    component_type::{ComponentType, InternetNeed, SecurityRole},
    recommended::RecommendedRow,
    recommended_check,
    text::PortText,
};
use crate::{Reading, TypeName, TypeWords, Vocabulary};

/// The file as written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct File {
    /// Attributes that are read of every type.
    common_attributes: BTreeMap<String, Reading>,
    /// Attributes that are read of every link.
    common_link_attributes: BTreeMap<String, Reading>,
    /// Type → what is known of it.
    types: BTreeMap<String, Row>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Row {
    aliases: Vec<String>,
    parent: Option<String>,
    default_namespace: Option<Namespace>,
    gateway: bool,
    data_store: bool,
    security_role: Option<SecurityRole>,
    network: bool,
    needs_internet: Option<Need>,
    attributes: BTreeMap<String, Reading>,
    link_attributes: BTreeMap<String, Reading>,
    #[schemars(with = "Option<RecommendedRow>")]
    recommended: Option<Spanned<RecommendedRow>>,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            aliases: Vec::new(),
            parent: None,
            default_namespace: None,
            gateway: false,
            data_store: false,
            security_role: None,
            network: true,
            needs_internet: None,
            attributes: BTreeMap::new(),
            link_attributes: BTreeMap::new(),
            recommended: None,
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Need {
    ports: Vec<PortText>,
    why: String,
    #[serde(default)]
    when: Option<String>,
    #[serde(default)]
    met_by: Vec<String>,
}

/// All types.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComponentTypes {
    common: TypeWords,
    types: BTreeMap<TypeName, ComponentType>,
}

impl ComponentTypes {
    /// Reads the file's `text`; `file` is how errors name it.
    pub fn read(file: &str, text: &str) -> Result<Self, InputError> {
        let File { common_attributes, common_link_attributes, types } = yaml::read::<File>(file, text)?;
        let common = TypeWords { attributes: common_attributes, link_attributes: common_link_attributes };
        let file: Arc<str> = file.into();
        let recommended_at = |row: &Row| row.recommended.as_ref().map(|block| yaml::place(&file, block.referenced));
        let places: Vec<_> =
            types.iter().filter_map(|(name, row)| Some((TypeName::new(name), recommended_at(row)?))).collect();
        let types = types.into_iter().map(|(name, row)| component_type(&name, row)).map(|t| (t.name.clone(), t));
        let types = Self { common, types: types.collect() };
        let vocabulary = types.vocabulary();
        for (name, place) in places {
            if let Some(block) = types.get(&name).and_then(|known| known.recommended.as_ref()) {
                recommended_check::check(block, &name, &types.types, &vocabulary, &place)?;
            }
        }
        Ok(types)
    }

    /// The JSON Schema of the file.
    pub fn schema() -> schemars::Schema {
        schemars::schema_for!(File)
    }

    /// What is known of `name`, a canonical type.
    pub fn get(&self, name: &TypeName) -> Option<&ComponentType> {
        self.types.get(name)
    }

    /// All types, by name.
    pub fn iter(&self) -> impl Iterator<Item = &ComponentType> {
        self.types.values()
    }

    /// Whether `name` is a gateway.
    pub fn is_gateway(&self, name: &TypeName) -> bool {
        self.get(name).is_some_and(|known| known.gateway)
    }

    /// Whether `name` keeps data.
    pub fn is_data_store(&self, name: &TypeName) -> bool {
        self.get(name).is_some_and(|known| known.data_store)
    }

    /// Whether links to `name` stand for connections; of a type that is not known they do.
    pub fn is_on_network(&self, name: &TypeName) -> bool {
        self.get(name).is_none_or(|known| known.network)
    }

    /// What a reader of stacks must know.
    pub(super) fn vocabulary(&self) -> Vocabulary {
        let mut vocabulary = Vocabulary::new(self.common.clone());
        for known in self.iter() {
            vocabulary.add(known.name.clone(), known.aliases.iter().cloned(), known.words.clone());
        }
        vocabulary
    }
}

fn component_type(name: &str, row: Row) -> ComponentType {
    let need = |need: Need| InternetNeed {
        ports: need.ports.iter().map(|port| port.0).collect(),
        why: need.why,
        when: need.when,
        met_by: need.met_by.iter().map(|name| TypeName::new(name)).collect(),
    };
    ComponentType {
        name: TypeName::new(name),
        aliases: row.aliases.iter().map(|alias| TypeName::new(alias)).collect(),
        parent: row.parent.as_deref().map(TypeName::new),
        default_namespace: row.default_namespace,
        gateway: row.gateway,
        data_store: row.data_store,
        security_role: row.security_role,
        network: row.network,
        needs_internet: row.needs_internet.map(need),
        recommended: row.recommended.map(|block| block.value.into()),
        words: TypeWords { attributes: row.attributes, link_attributes: row.link_attributes },
    }
}
