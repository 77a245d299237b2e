//! One stack and all that follows from it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use netpol_reach::{InputError, Manifests, both, is_worth_a_thread};
use pci_assess::{Assessment, Gap, Grounds, Scope, SiemPlan};
use pci_policy::{
    Basis, PolicySet, Sharing,
    declared::Flow,
    dialect::networking_v1::{self, PolicyFile},
    proof::{self, Against, Evidence, Given, PolicyBytes, ProvenFlow, Scene},
};
use pci_stack::{
    Change, Date, Digest, Finding, Gone, Level, LevelSource, Stack, Watch,
    catalog::{Catalog, Cluster, Profile},
};

use crate::{
    Inputs, Program, Source, Sources, Tables,
    changed::Changed,
    parts::{Declared, Parts},
};

/// One stack and all that follows from it.
#[derive(Debug)]
pub struct Snapshot {
    /// What it was made from.
    pub inputs: Inputs,
    /// Whether it is the embedded demo.
    pub is_demo: bool,
    /// Who read it.
    pub program: Program,
    /// The declared stack.
    pub stack: Arc<Stack>,
    tables: Tables,
    profile: Arc<Profile>,
    asked_level: Option<Level>,
    as_of: Option<Date>,
    parts: Arc<Parts>,
    /// What the same stack had before it was changed: most policies are the same.
    earlier: Option<Arc<Parts>>,
    assessment: OnceLock<Assessment>,
    siem: OnceLock<SiemPlan>,
    gaps: OnceLock<Vec<Gap>>,
    sharing: OnceLock<Sharing>,
    findings: OnceLock<Vec<Finding>>,
    /// Held by whoever looks for the gaps, so that they are looked for once.
    looking: Mutex<()>,
    /// The same on the day that was last asked for.
    other_day: Mutex<Option<(Date, Arc<Snapshot>)>>,
    /// The same under the changes that were last asked about. One that is kept here keeps none itself.
    changed: Option<Changed<Snapshot>>,
}

/// What of a snapshot may be otherwise in another.
#[derive(Debug, Clone)]
pub struct Premises {
    /// The declared stack.
    pub stack: Arc<Stack>,
    /// The tables, under a user's exceptions.
    pub tables: Tables,
    /// What a topology can't say.
    pub profile: Arc<Profile>,
    /// The level that the caller asks for, over the stack's.
    pub asked_level: Option<Level>,
    /// The day that statements are held against.
    pub as_of: Option<Date>,
}

impl Snapshot {
    /// Reads the sources.
    pub fn read(sources: Sources) -> Result<Self, InputError> {
        let mut tables = sources.tables.clone();
        let profile = sources.profile.map(|profile| Profile::read(profile.name, profile.text)).transpose()?;
        if let Some(profile) = &profile {
            tables.controls.check_statements(profile)?;
            tables.siem.check_shapes(profile)?;
        }
        let stack =
            pci_stack::read::stacktic::read(sources.stack.name, sources.stack.text, tables.catalog.vocabulary())?;
        if let Some(exceptions) = sources.exceptions {
            let types = stack.components.iter().map(|component| component.kind.clone());
            tables.catalog = tables.catalog.with_exceptions(exceptions.name, exceptions.text, types)?;
        }
        let unknown = Cluster::default();
        let cluster = profile.as_ref().map_or(&unknown, |profile| &profile.cluster);
        let profile_name = sources.profile.map_or("pci-profile.yaml", |profile| profile.name);
        pci_policy::budget::check(&stack, &tables.catalog, cluster, profile_name)?;
        let digest = |source: Source| Digest::of(source.text.as_bytes());
        let inputs = Inputs {
            stack: digest(sources.stack),
            exceptions: sources.exceptions.map(digest),
            profile: sources.profile.map(digest),
            catalog: tables.catalog.digest,
        };
        let profile = Arc::new(profile.unwrap_or_default());
        let (stack, asked_level, as_of) = (stack.into(), sources.level, sources.as_of);
        let premises = Premises { stack, tables, profile, asked_level, as_of };
        Ok(Self::of(inputs, sources.is_demo, sources.program, premises))
    }

    fn of(inputs: Inputs, is_demo: bool, program: Program, premises: Premises) -> Self {
        let Premises { stack, tables, profile, asked_level, as_of } = premises;
        let (parts, earlier, assessment, siem, gaps, sharing, findings, looking, other_day) = Default::default();
        let changed = Some(Changed::default());
        Self {
            inputs,
            is_demo,
            program,
            stack,
            tables,
            profile,
            asked_level,
            as_of,
            parts,
            earlier,
            assessment,
            siem,
            gaps,
            sharing,
            findings,
            looking,
            other_day,
            changed,
        }
    }

    /// What it rests on, to be changed.
    pub fn premises(&self) -> Premises {
        let (stack, profile) = (Arc::clone(&self.stack), Arc::clone(&self.profile));
        let (asked_level, as_of) = (self.asked_level, self.as_of);
        Premises { stack, tables: self.tables.clone(), profile, asked_level, as_of }
    }

    /// What follows from other `premises`; its inputs stay those of the real files. If `shares_policies`, the premises
    /// differ in nothing that rules, flows and scope are made from, and these are shared with this snapshot.
    #[must_use]
    pub fn under(&self, premises: Premises, shares_policies: bool) -> Self {
        let other = Self::of(self.inputs.clone(), self.is_demo, self.program, premises);
        let parts = Arc::clone(&self.parts);
        if shares_policies {
            return Self { parts, ..other };
        }
        // Policies carry the stack's id.
        let earlier = (other.stack.id == self.stack.id).then_some(parts);
        Self { earlier, ..other }
    }

    /// The tables that it is judged by.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The tables that rules are made by.
    pub fn catalog(&self) -> &Catalog {
        &self.tables.catalog
    }

    /// What a topology can't say.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The same stack at another level.
    #[must_use]
    pub fn at_level(&self, level: Level) -> Self {
        self.under(Premises { asked_level: Some(level), ..self.premises() }, false)
    }

    /// The same stack, with statements held against the day `as_of`.
    #[must_use]
    pub fn as_of(&self, as_of: Date) -> Self {
        self.under(Premises { as_of: Some(as_of), ..self.premises() }, true)
    }

    /// The same, kept for whoever asks for that day next: in a conversation it is mostly the same one.
    #[must_use]
    pub fn on(self: &Arc<Self>, day: Date) -> Arc<Self> {
        if self.as_of == Some(day) {
            return Arc::clone(self);
        }
        let mut kept = self.other_day.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((known, snapshot)) if *known == day => Arc::clone(snapshot),
            _ => {
                let snapshot = Arc::new(self.as_of(day));
                *kept = Some((day, Arc::clone(&snapshot)));
                snapshot
            }
        }
    }

    /// The same under `changes`, which `make` makes unless they were asked about just before.
    pub fn under_changes<E>(&self, changes: &[Change], make: impl FnOnce() -> Result<Self, E>) -> Result<Arc<Self>, E> {
        let Some(kept) = &self.changed else { return make().map(Arc::new) };
        if let Some(known) = kept.get(changes) {
            return Ok(known);
        }
        let after = Arc::new(Self { changed: None, ..make()? });
        // Dropping thousands of policies takes a while.
        kept.keep(changes, &after, self.is_large(), |snapshot| is_worth_a_thread(snapshot.stack.links.len()));
        Ok(after)
    }

    /// Whether so much follows from the stack that several of it at once would take more memory than the shipped pod
    /// has. What-ifs of a large stack are computed one after the other.
    pub fn is_large(&self) -> bool {
        /// From how many components and links on.
        const LARGE: usize = 5_000;
        self.stack.components.len() + self.stack.links.len() > LARGE
    }

    /// The day that statements are held against, if anybody says one.
    pub fn day(&self) -> Option<Date> {
        self.as_of
    }

    /// The level that holds: the caller's, else the file's, else none.
    pub fn level(&self) -> Level {
        let declared = self.stack.level.as_ref().map(|(level, _)| *level);
        self.asked_level.or(declared).unwrap_or(Level::None)
    }

    /// Who set the level.
    pub fn level_source(&self) -> LevelSource {
        match (self.asked_level, &self.stack.level) {
            (Some(_), _) => LevelSource::Flag,
            (None, Some(_)) => LevelSource::File,
            (None, None) => LevelSource::NotSet,
        }
    }

    /// What rules are made from.
    pub fn basis(&self) -> Basis<'_> {
        Basis::new(&self.stack, &self.tables.catalog, &self.profile.cluster, self.level())
    }

    /// The rules that the level asks for.
    pub fn rules(&self) -> &PolicySet {
        &self.declared().rules
    }

    /// The objects of the rules, in their order.
    pub fn files(&self) -> &[Arc<PolicyFile>] {
        self.parts.files.get_or_init(|| {
            let earlier = self.earlier.as_deref().and_then(Parts::written);
            networking_v1::policies(&self.stack.id, &self.rules().rules, earlier)
        })
    }

    /// The flows that are declared.
    pub fn flows(&self) -> &[Flow] {
        &self.declared().flows
    }

    fn declared(&self) -> &Declared {
        self.parts.declared.get_or_init(|| {
            let basis = self.basis();
            let links = self.stack.links.len();
            let (rules, flows) = both(links, || pci_policy::rules(&basis), || pci_policy::declared::flows(&basis));
            Declared { rules, flows }
        })
    }

    /// The proof, and what it rests on.
    pub fn evidence(&self) -> &Evidence {
        self.parts.evidence.get_or_init(|| {
            let basis = self.basis();
            let names = self.rules().rules.iter().map(|rule| rule.name.file.as_str());
            let known = self.earlier.as_deref().map(Parts::read).unwrap_or_default();
            let files = names.zip(self.files()).map(|(name, file)| {
                let read = known.get(&Arc::as_ptr(file)).map(|policy| Arc::clone(policy));
                PolicyBytes { name, bytes: &file.bytes, read }
            });
            let scene = Scene { closed: basis.namespaces(), internet: &basis.internet(), flows: self.flows() };
            let mut evidence = proof::prove(scene, files);
            evidence.proof.dead_letters = proof::dead_letters(self.rules());
            evidence
        })
    }

    /// The declared flows, in their order, with the policies that allow them.
    pub fn proven(&self) -> &[ProvenFlow] {
        self.parts.proven.get_or_init(|| self.evidence().proven(self.flows()))
    }

    /// Which namespaces are in scope of PCI DSS, and why.
    pub fn scope(&self) -> &Scope {
        self.parts.scope.get_or_init(|| pci_assess::scope(&self.basis(), &self.profile, self.flows()))
    }

    /// Where it stands on all controls.
    pub fn assessment(&self) -> &Assessment {
        self.assessment.get_or_init(|| pci_assess::assess(self.grounds(&self.basis())))
    }

    /// What dashboards are made of.
    pub fn siem(&self) -> &SiemPlan {
        self.siem.get_or_init(|| pci_assess::siem(self.grounds(&self.basis())))
    }

    /// What controls are judged on; `basis` is this snapshot's own.
    pub fn grounds<'a>(&'a self, basis: &'a Basis<'a>) -> Grounds<'a> {
        Grounds {
            basis,
            profile: &self.profile,
            controls: &self.tables.controls,
            siem: &self.tables.siem,
            scope: self.scope(),
            rules: self.rules(),
            flows: self.flows(),
            evidence: self.evidence(),
            as_of: self.as_of,
            stack_digest: self.inputs.stack,
        }
    }

    /// All gaps, computed once by `find`, unless that gives up.
    pub fn gaps_by(&self, watch: &Watch, find: impl FnOnce(&Self) -> Result<Vec<Gap>, Gone>) -> Result<&[Gap], Gone> {
        if let Some(gaps) = self.gaps.get() {
            return Ok(gaps);
        }
        let lock = || self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        let _one_at_a_time = match self.looking.try_lock() {
            Ok(lock) => lock,
            Err(_) => watch.while_waiting(lock),
        };
        if let Some(gaps) = self.gaps.get() {
            return Ok(gaps);
        }
        watch.check()?;
        let found = find(self)?;
        Ok(self.gaps.get_or_init(|| found))
    }

    /// Computes what every answer about the policies rests on, part by part, for somebody who may leave meanwhile.
    pub fn settle(&self, watch: &Watch) -> Result<(), Gone> {
        watch.expect(3);
        self.declared();
        watch.step("declared flows and rules")?;
        self.files();
        watch.step("policies")?;
        self.evidence();
        watch.step("proof")
    }

    /// What `theirs` block, open, lack or leave over; an error if they take more than the budget of an evaluation.
    pub fn against(&self, theirs: &Manifests) -> Result<Against, InputError> {
        let (basis, evidence) = (self.basis(), self.evidence());
        let read: HashMap<_, _> =
            evidence.ground.policies.iter().map(|one| ((&one.namespace, &*one.name), one)).collect();
        let given = self.rules().rules.iter().filter_map(|rule| {
            let policy = *read.get(&(&rule.namespace, rule.name.object.as_str()))?;
            Some(Given { policy, kind: rule.kind, file: &rule.name.file })
        });
        let given: Vec<Given> = given.collect();
        let scene = Scene { closed: basis.namespaces(), internet: &basis.internet(), flows: self.flows() };
        proof::against(scene, &given, theirs, &self.stack.id)
    }

    /// What components may do only because of a neighbour.
    pub fn sharing(&self) -> &Sharing {
        self.sharing.get_or_init(|| pci_policy::by_sharing(&self.basis(), self.flows()))
    }

    /// Everything noticed, worst first.
    pub fn findings(&self) -> Vec<Finding> {
        let findings = self.findings.get_or_init(|| {
            let of_stack = self.stack.findings.iter().chain(&self.rules().findings);
            let all = of_stack.chain(&self.sharing().findings).chain(&self.assessment().findings);
            let mut findings: Vec<Finding> = all.cloned().collect();
            findings.sort();
            findings.dedup();
            findings
        });
        findings.clone()
    }
}
