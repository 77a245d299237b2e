//! What the workloads of a cluster may connect to, by name.

use std::{collections::BTreeMap, net::IpAddr};

use roaring::RoaringBitmap;

use super::{Cluster, EndId, Evaluation, InputError, PortSet, Reading, Row, Settings, Table, by_end};

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
    /// Evaluates `cluster`; an error if that takes more than the budget of an evaluation.
    pub fn of(mut cluster: Cluster, settings: Settings) -> Result<Self, InputError> {
        let Cluster { world, policies, .. } = &cluster;
        let evaluation = Evaluation::within(world, policies, settings, Reading::Certain)?;
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
        Ok(Self { cluster, evaluation, ends_of, workloads_of })
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
        let mut addresses: BTreeMap<PortSet, RoaringBitmap> = BTreeMap::new();
        // By workload, the sets of ports of its ends.
        let mut reached: Vec<Vec<u32>> = vec![Vec::new(); self.len()];
        for (ports, to) in self.row(&self.ends_of[index]) {
            let id = u32::try_from(outgoing.ports.len()).unwrap_or(u32::MAX);
            let pods = to.iter().take_while(|end| (*end as usize) < self.workloads_of.len());
            for workload in pods.flat_map(|end| &self.workloads_of[end as usize]) {
                let reached = &mut reached[*workload as usize];
                if reached.last() != Some(&id) {
                    reached.push(id);
                }
            }
            let outside = &to & self.evaluation.ends.all_outside();
            if !outside.is_empty() {
                addresses.insert(ports.clone(), outside);
            }
            outgoing.ports.push(ports);
        }
        let mut known: Table<Vec<u32>, usize> = Table::default();
        for (other, ids) in reached.into_iter().enumerate().filter(|(other, ids)| !ids.is_empty() && *other != index) {
            let ports = match ids.as_slice() {
                [only] => *only as usize,
                _ => *known.entry(ids).or_insert_with_key(|ids| {
                    let mut all = PortSet::default();
                    all.extend_by_all(ids.iter().filter_map(|id| outgoing.ports.get(*id as usize)));
                    outgoing.ports.push(all);
                    outgoing.ports.len() - 1
                }),
            };
            outgoing.workloads.push((other, ports));
        }
        outgoing.addresses = addresses.into_iter().map(|(ports, ends)| (ports, self.ranges(&ends))).collect();
        outgoing
    }

    /// What any of `sources` may open connections to: each destination once.
    fn row(&self, sources: &[EndId]) -> Row {
        if let [only] = sources {
            return self.evaluation.row(*only);
        }
        let mut by_ports: Table<PortSet, RoaringBitmap> = Table::default();
        for source in self.evaluation.distinct(sources) {
            for (ports, to) in self.evaluation.row(source) {
                *by_ports.entry(ports).or_default() |= to;
            }
        }
        by_end(by_ports.into_iter().collect())
    }

    /// From where outside connections to the workload at `index` are taken, by ports.
    pub fn incoming(&self, index: usize) -> BTreeMap<PortSet, Ranges> {
        let mut by_ports: BTreeMap<PortSet, RoaringBitmap> = BTreeMap::new();
        for (ports, from) in self.ends_of[index].iter().flat_map(|end| self.evaluation.incoming(*end)) {
            *by_ports.entry(ports).or_default() |= from;
        }
        by_ports.into_iter().map(|(ports, ends)| (ports, self.ranges(&ends))).collect()
    }

    /// The addresses that `ends` are, neighbours joined.
    fn ranges(&self, ends: &RoaringBitmap) -> Ranges {
        let classes = ends.iter().filter_map(|end| self.evaluation.ends.addresses(EndId(end)));
        let mut ranges: Ranges = classes.flat_map(|class| class.ranges.iter().copied()).collect();
        ranges.sort_unstable();
        ranges.dedup();
        super::addresses::joined(ranges)
    }
}
