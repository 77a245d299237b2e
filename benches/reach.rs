//! What evaluating any cluster's policies costs, from 100 workloads to 10,000.
#![allow(clippy::expect_used, reason = "a bench that can't set up should stop")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use netpol_reach::{Cluster, Connectivity, Evaluation, Reading, Settings};
// As the program has it.
use pci_allocator as _;
use pci_fixtures::cluster;

/// Workloads, namespaces, policies.
const SIZES: [(usize, usize, usize); 4] = [(100, 5, 166), (961, 48, 1_600), (3_000, 150, 3_000), (10_000, 500, 10_000)];

fn read(text: &str) -> Cluster {
    let manifests = netpol_reach::read([("cluster.yaml", text)]);
    Cluster::of(manifests, true).expect("the generator makes manifests that can be read")
}

fn evaluate(cluster: &Cluster) -> Evaluation {
    Evaluation::of(&cluster.world, &cluster.policies, Settings::default(), Reading::Certain)
}

/// All connections by class, without a pair of pods.
fn by_class(evaluation: &Evaluation) -> u64 {
    evaluation.ends.iter().flat_map(|end| evaluation.row(end)).map(|(_, to)| to.len()).sum()
}

fn reach(criterion: &mut Criterion) {
    for (workloads, namespaces, policies) in SIZES {
        let text = cluster::manifests(workloads, namespaces, policies);
        let cluster = read(&text);
        let mut group = criterion.benchmark_group("reach");
        group.sample_size(10).throughput(Throughput::Elements(workloads as u64));
        let id = |stage| BenchmarkId::new(stage, workloads);
        group.bench_function(id("read"), |bencher| bencher.iter(|| black_box(read(&text).policies.len())));
        group.bench_function(id("evaluate"), |bencher| {
            bencher.iter(|| black_box(by_class(&evaluate(&cluster))));
        });
        if workloads < 5_000 {
            group.bench_function(id("list"), |bencher| {
                bencher.iter_batched(
                    || Connectivity::of(read(&text), Settings::default()).expect("it is within the budget"),
                    |all| (0..all.len()).map(|index| all.outgoing(index).workloads.len()).sum::<usize>(),
                    criterion::BatchSize::PerIteration,
                );
            });
        }
        group.finish();
    }
}

criterion_group!(benches, reach);
criterion_main!(benches);
