//! A resource as the protocol describes it, in lists and beside answers.

use pci_ask::resources::Resource;
use rmcp::model::{MetaObject, Resource as ResourceModel};

/// A resource as the protocol describes it.
pub(super) fn resource(one: &Resource) -> ResourceModel {
    let model = ResourceModel::new(one.uri.as_str(), one.name.as_str());
    let model = model.with_title(one.title.as_str()).with_mime_type(one.mime_type);
    let model = if one.meta.is_empty() { model } else { model.with_meta(MetaObject(one.meta.clone())) };
    if one.description.is_empty() { model } else { model.with_description(one.description.as_str()) }
}
