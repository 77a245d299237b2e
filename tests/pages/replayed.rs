//! `docs/tutorial.md` and `docs/faq.md`: what they have the reader type is run, and what they show is what came out. Fences `sh` are run in a
//! copy of `fixtures/tutorial/`, one after the other; a fence `text` or `mermaid` that follows holds the output. A fence `yaml` after
//! a line that ends with "`NAME`:" holds that file of the folder. Fences `sh once` and `sh cluster` are for the reader.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

const FOLDER: &str = "fixtures/tutorial";

/// A stretch of the page: prose, or a fence with what its first line says of it.
struct Part<'a> {
    says: Option<&'a str>,
    text: &'a str,
}

/// The page in its parts; each fence without its marks.
fn parts(page: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest) = (Vec::new(), page);
    while let Some((prose, after)) = rest.split_once("```") {
        let (says, inside) = after.split_once('\n').unwrap();
        let (text, behind) = inside.split_once("```").expect("a fence ends");
        parts.extend([Part { says: None, text: prose }, Part { says: Some(says), text }]);
        rest = behind;
    }
    parts.push(Part { says: None, text: rest });
    parts
}

/// What a reader sees who types `commands` in `folder`.
fn typed(commands: &str, folder: &Path) -> String {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_pci-compliance-mcp"));
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(std::iter::once(program.parent().unwrap().to_owned()).chain(env::split_paths(&path)));
    let mut shell = Command::new("sh");
    let shell = shell.args(["-euc", &format!("exec 2>&1\n{commands}")]).current_dir(folder).env("PATH", path.unwrap());
    let output = shell.env("LC_ALL", "C").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{commands}\n{said}");
    said
}

/// A copy of the folder that the tutorial works in.
fn copied() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(super::path(FOLDER)).unwrap().map(|entry| entry.unwrap()) {
        fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    folder
}

/// The file that the prose before a fence announces.
fn announced(prose: &str) -> Option<String> {
    let line = prose.trim_end().lines().last()?;
    let (_, name) = line.strip_suffix("`:")?.rsplit_once('`')?;
    Some(fs::read_to_string(super::path(FOLDER).join(name)).unwrap_or_else(|_| panic!("{FOLDER} has no {name}")))
}

/// The page with each output as it is, and how many blocks were typed.
fn replayed(page: &str) -> (String, usize) {
    let folder = copied();
    let (mut replayed, mut prose, mut said, mut count) = (String::new(), "", None, 0);
    for part in parts(page) {
        let Some(says) = part.says else {
            replayed.push_str(part.text);
            prose = part.text;
            // An output stands right behind what was typed.
            said = said.filter(|_| part.text.trim().is_empty());
            continue;
        };
        let text = match says {
            "sh" => {
                (said, count) = (Some(typed(part.text, folder.path())), count + 1);
                part.text.to_owned()
            }
            "text" | "mermaid" => format!("{}\n", said.take().expect("an output stands behind its command").trim_end()),
            "yaml" => announced(prose).unwrap_or_else(|| part.text.to_owned()),
            "sh once" | "sh cluster" | "json" => part.text.to_owned(),
            other => panic!("a fence says `{other}`"),
        };
        replayed.extend(["```", says, "\n", &text, "```"]);
    }
    (replayed, count)
}

/// What the page `name` shows is what comes out, of `least` blocks or more.
fn shows_what_comes_out(name: &str, least: usize) {
    let page = fs::read_to_string(super::path(name)).unwrap();
    let (expected, count) = replayed(&page);
    assert!(count >= least, "{name}: {count} blocks are typed");
    super::held(name, &expected);
}

#[test]
fn what_the_tutorial_has_the_reader_type_gives_what_it_shows() {
    shows_what_comes_out("docs/tutorial.md", 10);
}

#[test]
fn answers_to_questions_show_what_the_program_says() {
    shows_what_comes_out("docs/faq.md", 12);
}
