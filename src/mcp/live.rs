//! The stacks as they are now. Their files are looked at again and again, and once they have changed and stand still, a
//! new fleet takes the old one's place in one step: an answer is of one or the other, never of parts of both.
//!
//! Files are looked at by their state, not by the kernel's notices: these are lost on network and overlay file systems,
//! behind links that lead elsewhere, and where there are no watches left, and a few hundred looks cost next to nothing.
//! What an editor puts in a file's place, and what Kubernetes does to the links of a mounted `ConfigMap`, is a file that
//! looks otherwise.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use netpol_reach::InputError;
use pci_engine::{
    fleet::{Fleet, Member},
    load::Origin,
};
use pci_stack::Date;
use tokio::{sync::broadcast, task::spawn_blocking, time::sleep};
use tracing::{error, info, warn};

/// How often files are looked at. Changed ones are read once they look the same twice.
pub(super) const LOOK: Duration = Duration::from_millis(200);

/// How often files are read that have changed: two changes within one tick of the file system's clock look the same, so
/// that they are read once more a look later.
const READINGS: usize = 2;

/// After how many looks files are read that change each time.
const PATIENCE: usize = 3;

/// How many changes may be untold; whoever reads slower than that is told that everything changed.
const UNTOLD: usize = 16;

/// What a reading changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Change {
    /// The stacks of which answers are others now.
    pub(super) stacks: BTreeSet<String>,
    /// Whether there are other stacks than before.
    pub(super) is_other_list: bool,
}

/// The stacks as they are now.
#[derive(Debug)]
pub(super) struct Live {
    origin: Option<Origin>,
    /// Whether statements are held against the current day.
    is_of_today: bool,
    fleet: ArcSwap<Fleet>,
    told: broadcast::Sender<Arc<Change>>,
    /// Held by whoever reads, so that an earlier reading never takes a later one's place.
    reading: Mutex<()>,
}

impl Live {
    /// `fleet`, which was read from `origin`; if `is_of_today`, with statements held against the current day.
    pub(super) fn new(fleet: Fleet, origin: Option<Origin>, is_of_today: bool) -> Self {
        let (told, _) = broadcast::channel(UNTOLD);
        Self { origin, is_of_today, fleet: ArcSwap::from_pointee(fleet), told, reading: Mutex::default() }
    }

    /// The stacks as they are now. Whoever holds them has them as they were.
    pub(super) fn fleet(&self) -> Arc<Fleet> {
        self.fleet.load_full()
    }

    /// Hears of changes from now on.
    pub(super) fn changes(&self) -> broadcast::Receiver<Arc<Change>> {
        self.told.subscribe()
    }

    /// Reads all files anew. What can't be used leaves the last that could in its place, and says so. How many stacks'
    /// files became unusable by it.
    pub(super) fn reload(&self) -> usize {
        let change = self.read_anew();
        self.failures(&change)
    }

    fn read_anew(&self) -> Arc<Change> {
        let Some(origin) = &self.origin else { return Arc::default() };
        let _one_at_a_time = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.fleet();
        let as_of = if self.is_of_today { today() } else { origin.as_of };
        let after = match (Origin { as_of, ..origin.clone() }).load_over(&before) {
            Ok(newer) => before.renewed(newer),
            Err(error) => before.cut_off(&error),
        };
        let change = Arc::new(change(&before, &after));
        if !change.stacks.is_empty() {
            self.fleet.store(Arc::new(after));
            // Nobody may be listening.
            let _ = self.told.send(Arc::clone(&change));
        }
        change
    }

    /// Reads all files anew whenever they change. `read` hears of each reading what there is now,
    /// and how many stacks' files became unusable by it.
    pub(super) async fn follow(self: Arc<Self>, read: impl Fn(&Fleet, usize)) {
        let Some(origin) = self.origin.clone() else { return };
        let origin = Arc::new(origin);
        // The fleet was read a moment ago, and nobody saw how its files looked: the first reading makes up for that.
        let (mut seen, mut waited, mut due) = (Default::default(), 0, 1);
        loop {
            let looked = Arc::clone(&origin);
            let is_of_today = self.is_of_today;
            let look = move || (looked.look(), is_of_today.then(today));
            let Ok(now) = spawn_blocking(look).await else {
                error!("the files could not be looked at");
                sleep(LOOK).await;
                continue;
            };
            let stands_still = now == seen;
            seen = now;
            if !stands_still {
                (due, waited) = (READINGS, waited + 1);
            }
            if due > 0 && (stands_still || waited >= PATIENCE) {
                let this = Arc::clone(&self);
                let Ok(change) = spawn_blocking(move || this.read_anew()).await else {
                    error!("the files could not be read anew");
                    sleep(LOOK).await;
                    continue;
                };
                (due, waited) = (due - 1, 0);
                read(&self.fleet(), self.failures(&change));
            }
            sleep(LOOK).await;
        }
    }

    /// Traces what a reading changed; how many stacks' files became unusable by it.
    fn failures(&self, change: &Change) -> usize {
        let fleet = self.fleet();
        let tell = |id: &&String| match fleet.named(id).map(fault) {
            Some(Some(error)) => {
                // As a field, so that a path with a line break in it stays within its line.
                warn!(stack = *id, error = error.to_string(), "newer files can't be used");
                true
            }
            Some(None) => {
                info!(stack = *id, "read anew");
                false
            }
            None => {
                info!(stack = *id, "no longer there");
                false
            }
        };
        change.stacks.iter().filter(tell).count()
    }
}

/// The current day, in UTC.
pub fn today() -> Option<Date> {
    let now = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now());
    now.date().to_string().parse().ok()
}

fn fault(member: &Member) -> Option<&InputError> {
    member.stale().or(member.snapshot().err())
}

fn change(before: &Fleet, after: &Fleet) -> Change {
    let is_same = |was: &Member, is: &Member| {
        fault(was) == fault(is)
            && match (was.snapshot(), is.snapshot()) {
                (Ok(was), Ok(is)) => Arc::ptr_eq(was, is),
                (was, is) => was.is_ok() == is.is_ok(),
            }
    };
    let ids = |fleet: &Fleet| -> BTreeSet<String> { fleet.members().map(|(id, _)| id.to_owned()).collect() };
    let (were, are) = (ids(before), ids(after));
    let is_other = |id: &&String| match (before.named(id), after.named(id)) {
        (Some(was), Some(is)) => !is_same(was, is),
        _ => true,
    };
    Change { stacks: were.union(&are).filter(is_other).cloned().collect(), is_other_list: were != are }
}
