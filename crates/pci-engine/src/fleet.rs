//! The stacks that are loaded: id → its [`Snapshot`], or why it can't be read.

use std::{
    collections::{BTreeMap, HashMap},
    num::NonZero,
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use netpol_reach::{InputError, Place, clean, nearest};
use pci_stack::StackId;

use crate::Snapshot;

/// A stack as far as it could be loaded.
#[derive(Debug, Clone)]
pub struct Member {
    /// The folder, or for a single stack nothing, by which it is known from one reading to the next.
    pub home: PathBuf,
    /// What answers are given of.
    pub state: State,
}

/// What answers of a stack are given of.
#[derive(Debug, Clone)]
pub enum State {
    /// The newest files.
    Good(Arc<Snapshot>),
    /// The last files that could be used; why the newest can't be.
    Stale(Arc<Snapshot>, InputError),
    /// Nothing: no files could ever be used.
    Unreadable(InputError),
}

impl Member {
    /// What was read at `home`.
    pub fn of(home: &Path, loaded: Result<Arc<Snapshot>, InputError>) -> Self {
        Self { home: home.to_owned(), state: loaded.map_or_else(State::Unreadable, State::Good) }
    }

    /// What answers are given of.
    pub fn snapshot(&self) -> Result<&Arc<Snapshot>, &InputError> {
        match &self.state {
            State::Good(snapshot) | State::Stale(snapshot, _) => Ok(snapshot),
            State::Unreadable(why) => Err(why),
        }
    }

    /// Why answers are of files that are not the newest, if they are.
    pub fn stale(&self) -> Option<&InputError> {
        if let State::Stale(_, why) = &self.state { Some(why) } else { None }
    }

    /// What people call the folder.
    pub fn folder(&self) -> String {
        clean(&self.home.file_name().unwrap_or_default().to_string_lossy())
    }

    /// The id of the stack that answers are given of.
    fn id(&self) -> Option<StackId> {
        self.snapshot().ok().map(|snapshot| snapshot.stack.id.clone())
    }

    /// The same, after `why` kept newer files from being used.
    fn after(&self, why: &InputError) -> Self {
        let state = match &self.state {
            State::Good(snapshot) | State::Stale(snapshot, _) => State::Stale(Arc::clone(snapshot), why.clone()),
            State::Unreadable(_) => State::Unreadable(why.clone()),
        };
        Self { home: self.home.clone(), state }
    }
}

/// The stacks that are loaded.
#[derive(Debug, Clone, Default)]
pub struct Fleet {
    /// By id; one that could never be read by its home.
    members: BTreeMap<String, Member>,
    /// Whether it was read as several, however many it turns out to be.
    pub is_several: bool,
}

/// Why a stack can't be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FleetError {
    /// No stack is loaded under that id.
    #[error("no stack `{asked}`{hint}; loaded: {loaded}")]
    Unknown {
        /// What was asked for.
        asked: String,
        /// The nearest id.
        hint: String,
        /// All ids.
        loaded: String,
    },
    /// Several stacks are loaded, and none was named.
    #[error("several stacks are loaded: say `stack`, one of {loaded}")]
    Unnamed {
        /// All ids.
        loaded: String,
    },
    /// The stack's file can't be used.
    #[error(transparent)]
    Unreadable(#[from] InputError),
}

impl Fleet {
    /// A fleet of one.
    pub fn of_one(loaded: Result<Snapshot, InputError>) -> Self {
        Self::of([Member::of(Path::new(""), loaded.map(Arc::new))])
    }

    /// A fleet of what was read in each folder.
    pub fn of_many(loaded: impl IntoIterator<Item = (String, Result<Snapshot, InputError>)>) -> Self {
        Self::several(loaded.into_iter().map(|(folder, loaded)| Member::of(Path::new(&folder), loaded.map(Arc::new))))
    }

    /// A fleet of `members` that were read as several.
    pub fn several(members: impl IntoIterator<Item = Member>) -> Self {
        Self { is_several: true, ..Self::of(members) }
    }

    /// A fleet of `members`. Of two with the same id the first keeps it, and the other can't be used.
    pub fn of(members: impl IntoIterator<Item = Member>) -> Self {
        Self::default().joined(members)
    }

    /// This fleet as `newer` files make it. Where these can't be used, the last ones that could stay, and so they do
    /// where newer ones take an id that another stack has.
    #[must_use]
    pub fn renewed(&self, newer: impl IntoIterator<Item = Member>) -> Self {
        let known = self.by_home();
        let renewed = |member: Member| match (&member.state, known.get(member.home.as_path())) {
            (State::Unreadable(why), Some(before)) => before.after(why),
            _ => member,
        };
        // Whoever has an id already comes before whoever claims it.
        let keeps = |member: &Member| known.get(member.home.as_path()).is_some_and(|before| before.id() == member.id());
        let (keepers, others): (Vec<Member>, Vec<Member>) = newer.into_iter().map(renewed).partition(keeps);
        Self { is_several: self.is_several, ..self.joined(keepers.into_iter().chain(others)) }
    }

    /// A fleet of `members`, of which those that lose their id to another fall back to what they were in this one.
    fn joined(&self, members: impl IntoIterator<Item = Member>) -> Self {
        let known = self.by_home();
        let (mut fleet, mut unreadable) = (Self::default(), Vec::new());
        for member in members {
            let member = match member.id() {
                Some(id) if fleet.members.contains_key(id.as_str()) => {
                    let why = same_id(&member.home, &id);
                    let before = known.get(member.home.as_path()).map(|before| before.after(&why));
                    let is_free = |one: &Member| one.id().is_some_and(|id| !fleet.members.contains_key(id.as_str()));
                    before.filter(is_free).unwrap_or(Member { state: State::Unreadable(why), ..member })
                }
                _ => member,
            };
            match member.id() {
                Some(id) => drop(fleet.members.insert(id.to_string(), member)),
                None => unreadable.push(member),
            }
        }
        for member in unreadable {
            let mut key = member.folder();
            // A folder may be named as another folder's stack is, or look like another.
            while fleet.members.contains_key(&key) {
                key.push_str(" (folder)");
            }
            fleet.members.insert(key, member);
        }
        fleet
    }

    /// This fleet where no newer file could even be looked for.
    #[must_use]
    pub fn cut_off(&self, why: &InputError) -> Self {
        let members = self.members.iter().map(|(id, member)| (id.clone(), member.after(why))).collect();
        Self { members, is_several: self.is_several }
    }

    /// The members by where they were read.
    pub fn by_home(&self) -> HashMap<&Path, &Member> {
        self.members.values().map(|member| (member.home.as_path(), member)).collect()
    }

    /// The member known as `id`, and no other.
    pub fn named(&self, id: &str) -> Option<&Member> {
        self.members.get(id)
    }

    /// The stack `name`, or the only one there is.
    pub fn member(&self, name: Option<&str>) -> Result<&Member, FleetError> {
        let found = match name {
            None if self.members.len() > 1 => return Err(FleetError::Unnamed { loaded: self.listed() }),
            None => self.members.values().next(),
            // A stack that could never be read has no id to be asked by, and its error is the answer.
            Some(_) if !self.is_several && self.members.contains_key("") => self.members.get(""),
            Some(name) => self.members.get(name).or_else(|| self.also_called(name)),
        };
        found.ok_or_else(|| {
            let asked = clean(name.unwrap_or_default());
            let near = nearest(&asked, self.members.keys().map(String::as_str));
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            FleetError::Unknown { asked, hint, loaded: self.listed() }
        })
    }

    /// The only member that people may call `name`: by its folder, or as its file does.
    fn also_called(&self, name: &str) -> Option<&Member> {
        let is_called = |member: &&Member| {
            let named = member.snapshot().ok().map(|snapshot| snapshot.stack.name.as_str());
            member.folder() == name || named.is_some_and(|named| named.eq_ignore_ascii_case(name))
        };
        let mut called = self.members.values().filter(is_called);
        called.next().filter(|_| called.next().is_none())
    }

    /// What answers of the stack `name` are given of.
    pub fn snapshot(&self, name: Option<&str>) -> Result<Arc<Snapshot>, FleetError> {
        Ok(Arc::clone(self.member(name)?.snapshot().map_err(Clone::clone)?))
    }

    /// All stacks by their ids, those that could never be read by their homes.
    pub fn members(&self) -> impl ExactSizeIterator<Item = (&str, &Member)> {
        self.members.iter().map(|(id, member)| (id.as_str(), member))
    }

    /// What `of` makes of each member, in their order, several at a time.
    ///
    /// On threads of its own, never on rayon's: a part of a snapshot is computed by whoever asks first, with the help of
    /// rayon's threads, and all others wait. If those threads waited too, nobody would be left to help.
    pub fn each<T: Send>(&self, of: impl Fn(&str, &Member) -> T + Sync) -> Vec<T> {
        let members: Vec<(&str, &Member)> = self.members().collect();
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let share = members.len().div_ceil(threads).max(1);
        thread::scope(|scope| {
            let of = &of;
            let shares = members
                .chunks(share)
                .map(|share| scope.spawn(move || share.iter().map(|(id, member)| of(id, member)).collect::<Vec<T>>()));
            let shares: Vec<_> = shares.collect();
            let made = shares.into_iter().map(|share| share.join().unwrap_or_else(|panic| resume_unwind(panic)));
            made.flatten().collect()
        })
    }

    /// What answers are given of.
    pub fn snapshots(&self) -> impl Iterator<Item = &Arc<Snapshot>> {
        self.members.values().filter_map(|member| member.snapshot().ok())
    }

    /// The first ids, and how many there are besides.
    fn listed(&self) -> String {
        /// How many ids an error names.
        const NAMED: usize = 20;
        let named: Vec<String> = self.members.keys().take(NAMED).map(|id| format!("`{id}`")).collect();
        let more = self.members.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        named.join(", ") + &more
    }
}

fn same_id(home: &Path, id: &StackId) -> InputError {
    InputError::new(Place::whole(&clean(&home.to_string_lossy())), format!("another stack's id is `{id}` too"))
        .help("give each stack a `system_name` of its own")
}
