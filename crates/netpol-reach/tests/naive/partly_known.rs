//! Where labels and ports are known in part: what is certain holds whatever they turn out to be, and nothing holds that
//! is not possible.

use std::collections::BTreeMap;

use netpol_reach::{EndId, Evaluation, Labels, PortSet, Reading, World};
use proptest::prelude::*;

use super::{DIRECTIONS, cases, clusters::plan, end_id, row};

/// The same world, of which some labels and ports aren't known: those that the bits of `hidden` hit.
fn less_known(world: &World, hidden: [u64; 2]) -> World {
    let mut partial = world.clone();
    let mut bits = hidden.into_iter().flat_map(|bits| (0..64).map(move |bit| bits >> bit & 1 == 1)).cycle();
    let mut is_hit = || bits.next().unwrap();
    let hide = |labels: &mut Labels, is_hit: &mut dyn FnMut() -> bool| {
        labels.is_partial = is_hit();
        let is_partial = labels.is_partial;
        labels.known.retain(|key, _| !is_partial || key.as_ref() == netpol_reach::NAME_LABEL || is_hit());
    };
    for pod in &mut partial.pods {
        hide(&mut pod.labels, &mut is_hit);
        if is_hit() {
            pod.ports = None;
        }
    }
    for facts in &mut partial.namespaces {
        hide(&mut facts.labels, &mut is_hit);
    }
    partial
}

proptest! {
    // What hides the one thing that matters is rare, and a case is cheap.
    #![proptest_config(ProptestConfig { cases: 5 * cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// A pod whose labels and ports are known in part, against each pod that it may turn out to be.
    #[test]
    fn what_is_certain_is_so_and_what_is_so_is_possible(plan in plan(), hidden in any::<[u64; 2]>()) {
        let netpol_reach::Cluster { world, policies, .. } = plan.cluster();
        let partial = less_known(&world, hidden);
        let evaluated = |world, reading| Evaluation::of(world, &policies, plan.settings(), reading);
        let (certain, possible) = (evaluated(&partial, Reading::Certain), evaluated(&partial, Reading::Possible));
        let actual = evaluated(&world, Reading::Certain);
        let is_between = |(least, so, most): &(PortSet, PortSet, PortSet)| {
            least.minus(so).is_empty() && so.minus(most).is_empty()
        };
        for source in plan.ends() {
            let readings = [&certain, &actual, &possible];
            let [certainly, actually, possibly] = readings.map(|evaluation| row(evaluation, source));
            for to in plan.ends() {
                let ports = |row: &BTreeMap<EndId, PortSet>, evaluation: &Evaluation| {
                    row.get(&end_id(evaluation, to)).cloned().unwrap_or_default()
                };
                let of_both = (ports(&certainly, &certain), ports(&actually, &actual), ports(&possibly, &possible));
                prop_assert!(is_between(&of_both), "{}\n{partial:#?}", plan.at((source, to, of_both)));
                for (_, direction) in DIRECTIONS {
                    let ports = |evaluation: &Evaluation| {
                        evaluation.ports(end_id(evaluation, source), end_id(evaluation, to), direction)
                    };
                    let of_one = (ports(&certain), ports(&actual), ports(&possible));
                    prop_assert!(is_between(&of_one), "{}\n{partial:#?}", plan.at((direction, source, to, of_one)));
                }
            }
        }
    }
}
