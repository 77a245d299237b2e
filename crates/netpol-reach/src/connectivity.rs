//! What the workloads of a cluster may connect to, by name.

use std::{collections::BTreeMap, net::IpAddr};

use super::{Cluster, EndId, Evaluation, PortSet, Reading, Settings};

/// A cluster, evaluated.
#[derive(Debug)]
pub struct Connectivity {
    /// The cluster.
    pub cluster: Cluster,
    evaluation: Evaluation,
    /// The ends that each workload is; several, if its replicas differ.
    ends_of: Vec<Vec<EndId>>,
    /// The workloads of each end that is a pod's.
    workloads_of: Vec<Vec<u32>>,
    /// What each end takes from outside.
    incoming: BTreeMap<EndId, Vec<(PortSet, Vec<EndId>)>>,
}

/// First and last address of each run.
pub type Ranges = Vec<(IpAddr, IpAddr)>;

/// What one workload may open connections to.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// Other workloads, ascending, each with its ports as an index into `ports`.
    pub workloads: Vec<(usize, usize)>,
    /// The sets of ports.
    pub ports: Vec<PortSet>,
    /// Addresses outside, by ports.
    pub addresses: BTreeMap<PortSet, Ranges>,
}

impl Connectivity {
    /// Evaluates `cluster`.
    pub fn of(mut cluster: Cluster, settings: Settings) -> Self {
        let evaluation = Evaluation::of(&cluster.world, &cluster.policies, settings, Reading::Certain);
        cluster.notice_idle(|policy| evaluation.selects_any(policy));
        let ends = &evaluation.ends;
        let mut workloads_of = vec![Vec::new(); ends.pods() as usize];
        let mut ends_of = Vec::with_capacity(cluster.workloads.len());
        for ((_, pods), index) in cluster.workloads.iter().zip(0_u32..) {
            let mut own: Vec<EndId> = pods.iter().filter_map(|pod| ends.of_pod(*pod)).collect();
            own.sort_unstable();
            own.dedup();
            for end in &own {
                workloads_of[end.0 as usize].push(index);
            }
            ends_of.push(own);
        }
        let mut incoming: BTreeMap<EndId, Vec<(PortSet, Vec<EndId>)>> = BTreeMap::new();
        for outside in ends.iter().filter(|end| ends.addresses(*end).is_some()) {
            for (ports, to) in evaluation.row(outside) {
                for end in to {
                    let known = incoming.entry(EndId(end)).or_default();
                    match known.iter_mut().find(|(known, _)| *known == ports) {
                        Some((_, sources)) => sources.push(outside),
                        None => known.push((ports.clone(), vec![outside])),
                    }
                }
            }
        }
        Self { cluster, evaluation, ends_of, workloads_of, incoming }
    }

    /// The name of the workload at `index`.
    pub fn name(&self, index: usize) -> &str {
        self.cluster.workloads.get(index).map_or("", |(name, _)| name)
    }

    /// How many workloads there are.
    pub fn len(&self) -> usize {
        self.ends_of.len()
    }

    /// Whether there are no workloads.
    pub fn is_empty(&self) -> bool {
        self.ends_of.is_empty()
    }

    /// What the workload at `index` may open connections to. Of replicas that differ, what any of them may.
    pub fn outgoing(&self, index: usize) -> Outgoing {
        let mut outgoing = Outgoing::default();
        // By workload, one more than the index of its ports; 0 for none.
        let mut reached: Vec<u32> = vec![0; self.len()];
        let mut addresses: BTreeMap<PortSet, Vec<EndId>> = BTreeMap::new();
        for source in &self.ends_of[index] {
            for (ports, to) in self.evaluation.row(*source) {
                let id = known(&mut outgoing.ports, &ports);
                for end in to {
                    match self.workloads_of.get(end as usize) {
                        None => addresses.entry(ports.clone()).or_default().push(EndId(end)),
                        Some(workloads) => workloads.iter().for_each(|workload| {
                            let reached = &mut reached[*workload as usize];
                            *reached = match *reached {
                                0 => id,
                                same if same == id => id,
                                other => {
                                    let mut both = outgoing.ports[other as usize - 1].clone();
                                    both.extend(&ports);
                                    known(&mut outgoing.ports, &both)
                                }
                            };
                        }),
                    }
                }
            }
        }
        let others = reached.iter().enumerate().filter(|(other, ports)| **ports > 0 && *other != index);
        outgoing.workloads = others.map(|(other, ports)| (other, *ports as usize - 1)).collect();
        outgoing.addresses = addresses.into_iter().map(|(ports, ends)| (ports, self.ranges(&ends))).collect();
        outgoing
    }

    /// From where outside connections to the workload at `index` are taken, by ports.
    pub fn incoming(&self, index: usize) -> BTreeMap<PortSet, Ranges> {
        let mut by_ports: BTreeMap<&PortSet, Vec<EndId>> = BTreeMap::new();
        for (ports, sources) in self.ends_of[index].iter().filter_map(|end| self.incoming.get(end)).flatten() {
            by_ports.entry(ports).or_default().extend(sources);
        }
        by_ports.into_iter().map(|(ports, ends)| (ports.clone(), self.ranges(&ends))).collect()
    }

    /// The addresses that `ends` are, neighbours joined.
    fn ranges(&self, ends: &[EndId]) -> Ranges {
        let classes = ends.iter().filter_map(|end| self.evaluation.ends.addresses(*end));
        let mut ranges: Ranges = classes.flat_map(|class| class.ranges.iter().copied()).collect();
        ranges.sort_unstable();
        ranges.dedup();
        super::addresses::joined(ranges)
    }
}

/// One more than the index of `ports` in `sets`, where it is added if it isn't there.
fn known(sets: &mut Vec<PortSet>, ports: &PortSet) -> u32 {
    let index = sets.iter().position(|known| known == ports).unwrap_or_else(|| {
        sets.push(ports.clone());
        sets.len() - 1
    });
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}
