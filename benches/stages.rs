//! What each stage costs, on a generated stack of 100 to 5,000 components with 5 links each. Letting go of what was made is
//! no part of it: a server does that on another thread, a command ends.
#![allow(clippy::expect_used, reason = "a bench that can't set up should stop")]

use std::{collections::BTreeMap, hint::black_box, path::PathBuf};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
// As the program has it.
use pci_allocator as _;
use pci_engine::{Snapshot, Source, Sources, change, output};
use pci_fixtures::{PROGRAM, generator, tables};
use pci_render::{folder, manifest};
use pci_stack::{Change, Level, Op};

fn read(text: &str) -> Snapshot {
    let stack = Source { name: "big.yaml", text };
    let sources = Sources {
        stack,
        exceptions: None,
        profile: None,
        tables: tables(),
        level: None,
        as_of: None,
        is_demo: false,
        program: PROGRAM,
    };
    Snapshot::read(sources).expect("the generator makes stacks that can be read")
}

fn stages(criterion: &mut Criterion) {
    for components in [100, 1_000, 5_000] {
        let text = generator::stack(components, 5, 7);
        let mut group = criterion.benchmark_group("stages");
        group.sample_size(10).throughput(Throughput::Elements(components as u64));
        let id = |stage| BenchmarkId::new(stage, components);
        group.bench_function(id("read"), |bencher| bencher.iter_with_large_drop(|| read(&text)));
        // The same stack, nothing computed yet.
        let base = read(&text);
        let fresh = || base.at_level(Level::PciDssStrict);
        let small = criterion::BatchSize::PerIteration;
        group.bench_function(id("declared"), |bencher| {
            bencher.iter_batched_ref(fresh, |snapshot| black_box(snapshot.rules().rules.len()), small);
        });
        group.bench_function(id("generate"), |bencher| {
            bencher.iter_batched_ref(fresh, |snapshot| black_box(snapshot.files().len()), small);
        });
        let made = || {
            let snapshot = fresh();
            snapshot.files();
            snapshot
        };
        group.bench_function(id("prove"), |bencher| {
            bencher.iter_batched_ref(made, |snapshot| black_box(snapshot.evidence().proof.holds), small);
        });
        let proven = || {
            let snapshot = made();
            snapshot.evidence();
            snapshot.scope();
            snapshot
        };
        group.bench_function(id("proven"), |bencher| {
            bencher.iter_batched_ref(proven, |snapshot| black_box(snapshot.proven().len()), small);
        });
        group.bench_function(id("assess"), |bencher| {
            bencher.iter_batched_ref(proven, |snapshot| black_box(snapshot.assessment().numbers.unknown), small);
        });
        // All that an answer about controls needs, from a stack that was read, and the same of a changed stack.
        group.bench_function(id("fresh"), |bencher| {
            bencher.iter_batched_ref(fresh, |snapshot| black_box(snapshot.assessment().numbers.unknown), small);
        });
        let real = proven();
        let link = real.stack.links.first().expect("the generator makes links");
        let name = |end| real.stack.component(end).name.to_string();
        let mut dropped = Change::add_link(&name(link.source), &name(link.target), None);
        dropped.op = Op::RemoveLink;
        group.bench_function(id("what-if"), |bencher| {
            bencher.iter_with_large_drop(|| {
                let after = change::apply(&real, std::slice::from_ref(&dropped)).expect("a link can be dropped");
                black_box(after.assessment().numbers.unknown);
                after
            });
        });
        let snapshot = made();
        let manifest = manifest::manifest(&snapshot);
        group.bench_function(id("render"), |bencher| {
            bencher.iter_with_large_drop(|| folder::files(&snapshot, &manifest));
        });
        let files: BTreeMap<_, _> = folder::files(&snapshot, &manifest);
        let target = scratch().join(format!("stages-{components}"));
        group.bench_function(id("write"), |bencher| {
            bencher.iter(|| {
                let named = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_ref()));
                output::replace(&target, named).expect("a scratch folder can be written")
            });
        });
        let _ = std::fs::remove_dir_all(target);
        group.finish();
    }
}

/// Memory where there is some, so that the disk is not what is measured.
fn scratch() -> PathBuf {
    let shm = PathBuf::from("/dev/shm");
    if shm.is_dir() { shm } else { std::env::temp_dir() }
}

criterion_group!(benches, stages);
criterion_main!(benches);
