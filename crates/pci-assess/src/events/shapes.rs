//! Whether the shapes of events that a profile names are shapes of the sources that there are.

use netpol_reach::{InputError, Place, clean, nearest};
use pci_stack::catalog::Profile;

use super::Siem;

impl Siem {
    /// Checks what `profile` says of the shapes of events against these sources.
    pub fn check_shapes(&self, profile: &Profile) -> Result<(), InputError> {
        profile.siem_shapes.iter().try_for_each(|(source, shape)| shape_exists(self, source, shape))
    }
}

fn shape_exists(siem: &Siem, source: &str, shape: &str) -> Result<(), InputError> {
    let wrong = |what: String, asked: &str, known: Vec<&str>| {
        let near = nearest(asked, known.iter().copied());
        let hint =
            near.map_or_else(|| format!("there are {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
        Err(InputError::new(Place::whole("pci-profile.yaml"), what).help(hint))
    };
    let Some(found) = siem.source(source) else {
        let known = siem.sources.iter().map(|source| source.source.as_str()).collect();
        return wrong(format!("`siem.shapes` names `{}`, which is no source of events", clean(source)), source, known);
    };
    if found.shapes.contains_key(shape) {
        return Ok(());
    }
    let known = found.shapes.keys().map(String::as_str).collect();
    wrong(format!("events of `{source}` have no shape `{}`", clean(shape)), shape, known)
}
