//! What people state: facts, attestations, why flows are needed. Read by the rules of `pci-profile.yaml`.

use netpol_reach::{InputError, clean};
use pci_assess::controls::ClauseSource;
use pci_stack::{
    Change, ControlId,
    catalog::{Profile, StatedFact},
};
use serde_json::{Map, Value, json};

use super::draft::{Draft, said};

/// Who states the facts of a what-if.
const WHAT_IF: &str = "what-if";

impl Draft {
    pub(super) fn set_fact(&mut self, change: &Change) -> Result<(), InputError> {
        let id = self.component(said(change.name.as_ref()))?;
        let component = self.stack().component(id).name.to_string();
        let fact = said(change.attribute.as_ref()).to_owned();
        self.is_asked_for(&fact)?;
        let row = change
            .value
            .as_ref()
            .map(|value| json!({"component": component, "fact": fact, "value": value, "stated_by": WHAT_IF}));
        let stated = row.map(|row| self.statement("facts", row)).transpose()?;
        let stated = stated.into_iter().flat_map(|profile| profile.facts);
        let stated: Vec<StatedFact> = stated.map(|stated| StatedFact { place: self.place.clone(), ..stated }).collect();
        let facts = &mut self.profile_mut().facts;
        facts.retain(|known| (&known.component, &known.fact) != (&component, &fact));
        facts.extend(stated);
        Ok(())
    }

    /// Refuses a fact that no control asks for and nobody states: it would do nothing.
    fn is_asked_for(&self, fact: &str) -> Result<(), InputError> {
        let rules = self.premises.tables.controls.iter().flat_map(|control| &control.rule);
        let clauses = rules.flat_map(|entry| entry.required.iter().chain(&entry.supporting));
        let asked = clauses.filter_map(|clause| match &clause.source {
            ClauseSource::Fact { name, .. } => Some(name.as_str()),
            ClauseSource::Network(predicate) => predicate.fact(),
            _ => None,
        });
        let stated = self.premises.profile.facts.iter().map(|stated| stated.fact.as_str());
        let known: Vec<&str> = asked.chain(stated).collect();
        if known.contains(&fact) {
            return Ok(());
        }
        Err(self.wrong_name(format!("no control asks for the fact `{}`", clean(fact)), fact, known))
    }

    pub(super) fn set_attestation(&mut self, change: &Change) -> Result<(), InputError> {
        let number = said(change.name.as_ref());
        let control: ControlId = number
            .parse()
            .map_err(|error: String| self.wrong(format!("`{}` is no control's number", clean(number))).help(error))?;
        if !self.premises.tables.controls.iter().any(|known| known.id == control) {
            let error = self.wrong(format!("there is no control {control}"));
            return Err(error.help("controls stand in sections 1 to 12 of PCI DSS v4.0.1"));
        }
        let row = change.attributes.clone().map(|mut row: Map<String, Value>| {
            row.insert("control".to_owned(), json!(number));
            Value::Object(row)
        });
        let given = row.map(|row| self.statement("attestations", row)).transpose()?;
        if let Some(given) = &given {
            self.premises.tables.controls.check_statements(given)?;
        }
        let mut given = given.map(|given| given.attestations).unwrap_or_default();
        for attestation in &mut given {
            attestation.place = self.place.clone();
        }
        let attestations = &mut self.profile_mut().attestations;
        attestations.retain(|known| known.control != control);
        attestations.extend(given);
        Ok(())
    }

    /// Sets what the profile says of the need for `link`.
    pub(super) fn set_flow_reason(&mut self, link: &str, field: &str, value: Option<&str>) -> Result<(), InputError> {
        let row = Map::from_iter([("link".to_owned(), json!(link)), (field.to_owned(), json!(value))]);
        let read = self.statement("flows", Value::Object(row))?;
        let place = self.place.clone();
        let flows = &mut self.profile_mut().flows;
        for mut said in read.flows {
            said.place = place.clone();
            let Some(known) = flows.iter_mut().find(|known| known.link == said.link) else {
                flows.push(said);
                continue;
            };
            match field {
                "reason" => known.reason = said.reason,
                "approved_by" => known.approved_by = said.approved_by,
                _ => known.review_by = said.review_by,
            }
            known.place = said.place;
        }
        flows.retain(|flow| flow.reason.is_some() || flow.approved_by.is_some() || flow.review_by.is_some());
        Ok(())
    }

    /// A profile that says nothing but `row` in `section`.
    fn statement(&self, section: &str, row: Value) -> Result<Profile, InputError> {
        let document = Value::Object(Map::from_iter([(section.to_owned(), vec![row].into())]));
        Profile::read(&self.place.file, &document.to_string())
    }
}
