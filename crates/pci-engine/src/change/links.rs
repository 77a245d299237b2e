//! Links that come and go.

use netpol_reach::{InputError, PortNumber, clean};
use pci_stack::{Change, ComponentId, Stack};

use super::draft::{Draft, said};

impl Draft {
    pub(super) fn add_link(&mut self, change: &Change) -> Result<(), InputError> {
        let (source, target) = self.ends(change)?;
        let ends = self.ends_text(source, target);
        if source == target {
            return Err(self.wrong(format!("`{ends}` leads from a component to itself")));
        }
        if let Some(first) = self.stack().links_between(source, target).first() {
            let known = &self.stack().links[*first];
            let what = format!("the link `{}` is declared already, at {}", known.id, known.place);
            return Err(self.wrong(what).help("`set_attribute` with `from` and `to` changes it"));
        }
        let attributes = change.attributes.clone().unwrap_or_default();
        let port = change.port.map(|port| PortNumber::try_from(u64::from(port))).transpose();
        let port = port.map_err(|error| self.wrong("`port` holds no port").help(error))?;
        if port.is_some() && attributes.contains_key("port") {
            return Err(self.wrong("`port` is said twice").help("keep one"));
        }
        let (mut link, findings) = self.read_link(source, target, &attributes)?;
        link.port = port.or(link.port);
        let place = self.place.clone();
        let stack = self.stack_mut();
        stack.add_link(link);
        stack.notice(findings, &place);
        Ok(())
    }

    pub(super) fn remove_link(&mut self, change: &Change) -> Result<(), InputError> {
        let index = self.link(change)?;
        self.stack_mut().remove_link(index);
        Ok(())
    }

    /// The link that `change` names by its ends and, where several share them, by its type.
    pub(super) fn link(&self, change: &Change) -> Result<usize, InputError> {
        let (source, target) = self.ends(change)?;
        let (stack, ends) = (self.stack(), self.ends_text(source, target));
        let mut between = stack.links_between(source, target);
        if let (true, Some(back)) = (between.is_empty(), stack.links_between(target, source).first()) {
            let help = format!("did you mean `{}`, the other way?", stack.links[*back].id);
            return Err(self.wrong(format!("there is no link `{ends}`")).help(help));
        }
        if between.is_empty() {
            return Err(self.wrong(format!("there is no link `{ends}`")).help(links_of(stack, source)));
        }
        let kinds: Vec<String> = between.iter().map(|index| format!("`{}`", stack.links[*index].kind)).collect();
        if let Some(kind) = &change.r#type {
            between.retain(|index| stack.links[*index].kind == *kind);
        }
        match between.as_slice() {
            [only] => Ok(*only),
            [] => {
                let what = format!("no link `{ends}` has the type `{}`", clean(said(change.r#type.as_ref())));
                Err(self.wrong(what).help(format!("there is {}", kinds.join(", "))))
            }
            _ => {
                let help = format!("say `type`, one of {}", kinds.join(", "));
                Err(self.wrong(format!("several links are `{ends}`")).help(help))
            }
        }
    }

    fn ends(&self, change: &Change) -> Result<(ComponentId, ComponentId), InputError> {
        Ok((self.component(said(change.from.as_ref()))?, self.component(said(change.to.as_ref()))?))
    }

    fn ends_text(&self, source: ComponentId, target: ComponentId) -> String {
        format!("{} -> {}", self.stack().component(source).name, self.stack().component(target).name)
    }
}

/// The links that go out of `source`, in words.
fn links_of(stack: &Stack, source: ComponentId) -> String {
    /// How many are named.
    const NAMED: usize = 10;
    let links: Vec<String> =
        stack.links.iter().filter(|link| link.source == source).map(|link| format!("`{}`", link.id)).collect();
    let more = links.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    match links.len() {
        0 => format!("no link goes out of `{}`", stack.component(source).name),
        count => format!("there are {}{more}", links[..count.min(NAMED)].join(", ")),
    }
}
