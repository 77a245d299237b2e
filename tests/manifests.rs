//! Manifests as they are met with: half rendered, of other kinds, broken, empty. `connectivity` says what it made of
//! them, or refuses and says where and why.

mod broken;
mod files;
mod noticed;
mod refused;
mod secrets;

use std::{fs, path::Path};

use crate::program::program;

/// What a run of `connectivity` said.
#[derive(Debug)]
struct Said {
    out: String,
    err: String,
    code: i32,
}

/// Runs `connectivity` on what `fill` puts into a folder; files are named as they are in it.
fn said(arguments: &[&str], fill: impl FnOnce(&Path)) -> Said {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let output = program().arg("connectivity").args(arguments).current_dir(folder.path()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { out: text(output.stdout), err: text(output.stderr), code: output.status.code().expect("it was not killed") }
}

/// Runs it on one file.
fn of(text: impl AsRef<[u8]>) -> Said {
    said(&["cluster.yaml"], |folder| fs::write(folder.join("cluster.yaml"), text).unwrap())
}

impl Said {
    /// What is said, if there is an answer.
    #[track_caller]
    fn answer(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// Why there is none: an exit code of 2, and not a word on standard output.
    #[track_caller]
    fn refusal(self) -> String {
        assert_eq!((self.code, self.out.as_str()), (2, ""), "{}", self.err);
        assert!(self.err.starts_with("error: "), "{}", self.err);
        self.err
    }
}

/// A Pod `a/x` of five lines.
const POD: &str = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: x, namespace: a}\nspec: {containers: []}\n";

/// That pod, and a policy `a/p` with `spec` in line 10.
fn with_policy(spec: &str) -> String {
    format!(
        "{POD}---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: a}}\nspec: {{{spec}}}\n"
    )
}
