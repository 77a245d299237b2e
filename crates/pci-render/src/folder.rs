//! All files of an output folder: the policies, and what stands beside them.

use std::{borrow::Cow, collections::BTreeMap, fmt::Write as _};

use pci_engine::Snapshot;
use pci_stack::{Digest, Level, MANIFEST};
use serde::Serialize;

use super::{diagram, manifest::Manifest, report, siem};

/// The diagram's file.
const DIAGRAM: &str = "network-diagram.md";
/// What lets `kubectl apply -k` take the folder.
const KUSTOMIZATION: &str = "kustomization.yaml";

/// A file that was written, and its SHA-256.
#[derive(Debug, Clone, Serialize)]
struct Written<'a> {
    file: &'a str,
    sha256: Digest,
}

/// The manifest, and all files that stand beside it.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    manifest: &'a Manifest,
    files: Vec<Written<'a>>,
}

/// The files of a folder, by name.
pub type Files<'a> = BTreeMap<String, Cow<'a, [u8]>>;

/// All files of `snapshot`'s folder. At level `none` that is a manifest without policies.
pub fn files<'s>(snapshot: &'s Snapshot, manifest: &Manifest) -> Files<'s> {
    let rules = &snapshot.rules().rules;
    let names = rules.iter().map(|rule| rule.name.file.clone());
    let bytes = snapshot.files().iter().map(|file| Cow::Borrowed(file.bytes.as_slice()));
    let mut files: Files = names.zip(bytes).collect();
    if snapshot.level() != Level::None {
        // A kustomization without resources is refused by those who read it.
        if !files.is_empty() {
            files.insert(KUSTOMIZATION.to_owned(), Cow::Owned(kustomization(files.keys()).into_bytes()));
        }
        files.insert(DIAGRAM.to_owned(), Cow::Owned(diagram::page(snapshot).into_bytes()));
    }
    if report::is_made_at(snapshot.level()) {
        files.insert(report::FILE.to_owned(), Cow::Owned(report::report(snapshot).into_bytes()));
    }
    if snapshot.level() != Level::None {
        files.extend(siem::files(&[snapshot]).into_iter().map(|(file, bytes)| (file, Cow::Owned(bytes))));
    }
    let written = files.iter().map(|(file, bytes)| Written { file, sha256: Digest::of(bytes) }).collect();
    let text = text(&Whole { manifest, files: written });
    files.insert(MANIFEST.to_owned(), Cow::Owned(text));
    files
}

/// The largest manifest that is written with indentation, in bytes. A later run reads one of at most 64 MiB, and without
/// indentation a manifest has room for about twice as many policies.
const LARGEST_INDENTED: usize = 32 << 20;

fn text(whole: &Whole) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(whole).unwrap_or_default();
    if text.len() > LARGEST_INDENTED {
        text = serde_json::to_vec(whole).unwrap_or_default();
    }
    text.push(b'\n');
    text
}

fn kustomization<'a>(policies: impl Iterator<Item = &'a String>) -> String {
    let mut text = String::from("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n");
    for file in policies {
        let _ = writeln!(text, "  - {file}");
    }
    text
}
