//! The one reader of files: regular files that are UTF-8, inputs of at most 64 MiB, read once, with their digest.
//!
//! A stack file may hold passwords, so its text is wiped from memory when it is dropped, on every way out of here,
//! and no error or debug output holds any of it.

use std::{
    ffi::OsStr,
    fmt,
    fs::{File, Metadata},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use netpol_reach::{InputError, Place, clean};
use pci_stack::Digest;
use rustix::fs::{Mode, OFlags, open};
use zeroize::Zeroizing;

/// The largest file that is read, in bytes.
pub const LARGEST: u64 = netpol_reach::yaml::LARGEST;

/// A file's text, as it stands.
pub struct Document {
    /// The file, as the caller named it.
    pub name: String,
    /// The text, wiped from memory when dropped.
    pub text: Zeroizing<String>,
    /// The SHA-256 of the file's bytes.
    pub digest: Digest,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("name", &self.name).field("digest", &self.digest).finish_non_exhaustive()
    }
}

/// The file at `path`.
pub fn read(path: &Path) -> Result<Document, InputError> {
    let (name, file) = opened(path)?;
    content(name, &file, LARGEST, Sort::File)
}

/// A file's bytes, whatever they encode.
pub struct Bytes {
    /// The file, as the caller named it.
    pub name: String,
    /// The bytes, wiped from memory when dropped.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// The bytes of the file at `path`.
pub fn read_bytes(path: &Path) -> Result<Bytes, InputError> {
    let (name, file) = opened(path)?;
    let bytes = whole(&name, &file, LARGEST, Sort::File)?;
    Ok(Bytes { name, bytes })
}

/// Whether every user of the machine may read or write the file at `path`, or its group may write it.
pub fn is_open_to_all(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    path.metadata().is_ok_and(|file| file.mode() & 0o026 != 0)
}

/// The file at `path`, or `None` if nothing at all exists there. A link that leads nowhere is an error.
pub fn read_if_there(path: &Path) -> Result<Option<Document>, InputError> {
    read_up_to(path, LARGEST)
}

/// The same for a file of our own making, which may hold up to `most` bytes.
pub fn read_up_to(path: &Path, most: u64) -> Result<Option<Document>, InputError> {
    match opened(path) {
        Ok((name, file)) => content(name, &file, most, Sort::File).map(Some),
        Err(_) if path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The most files that are read of a folder.
const MOST_FILES: usize = 100_000;

/// The manifests at `path`: of a folder all files named `.yaml`, `.yml` or `.json`, in it and below, by their names;
/// else the file itself, or, for `-`, what arrives on standard input. Links to folders are not followed.
pub fn manifests(path: &Path) -> Result<Vec<Document>, InputError> {
    if path.as_os_str() == "-" {
        return content("standard input".to_owned(), &File::from(duplicate_of_stdin()?), LARGEST, Sort::Stream)
            .map(|one| vec![one]);
    }
    if !path.is_dir() {
        return read(path).map(|one| vec![one]);
    }
    let mut found = below(path, is_manifest)?;
    if found.is_empty() {
        let name = path.display().to_string();
        let nothing = "there is no manifest in this folder";
        return Err(InputError::new(Place::whole(&name), nothing).help("files named .yaml, .yml and .json are read"));
    }
    found.sort_unstable();
    found.iter().map(|path| read(path)).collect()
}

/// The files in `folder` and below, sorted. What is hidden, and what stands in a hidden folder, is passed over: editors,
/// version control and mounts leave such.
pub fn table_paths(folder: &Path) -> Result<Vec<PathBuf>, InputError> {
    let is_hidden = |part: &OsStr| part.as_encoded_bytes().starts_with(b".");
    let is_shown = |path: &Path| !inside(folder, path).iter().any(is_hidden);
    let mut found = below(folder, is_shown)?;
    found.sort_unstable();
    Ok(found)
}

/// What [`table_paths`] names, read, each with its path in `folder`, written with `/`.
pub fn tables(folder: &Path) -> Result<Vec<(String, Document)>, InputError> {
    let named = |path: &PathBuf| Ok((inside(folder, path).to_string_lossy().into_owned(), read(path)?));
    table_paths(folder)?.iter().map(named).collect()
}

fn inside<'p>(folder: &Path, path: &'p Path) -> &'p Path {
    path.strip_prefix(folder).unwrap_or(path)
}

/// The files in `folder` and below that are `wanted`. Links to folders are not followed.
fn below(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, InputError> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let name = folder.display().to_string();
        let entries = std::fs::read_dir(&folder).map_err(|error| fault(&name, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| fault(&name, &error))?;
            let sort = entry.file_type().map_err(|error| fault(&name, &error))?;
            let path = entry.path();
            if sort.is_dir() {
                folders.push(path);
            } else if wanted(&path) && !path.is_dir() {
                found.push(path);
            }
        }
        if found.len() > MOST_FILES {
            return Err(InputError::new(Place::whole(&name), "there are too many files").help("100,000 are read"));
        }
    }
    Ok(found)
}

/// How a file looks from outside: which one it is, how large, and when it was last touched; `None` if there is none.
pub type Look = Option<[i128; 5]>;

/// How the file at `path` looks, through links.
pub fn look(path: &Path) -> Look {
    use std::os::unix::fs::MetadataExt as _;
    let seen = path.metadata().ok()?;
    let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
    Some([
        seen.dev().into(),
        seen.ino().into(),
        seen.size().into(),
        nanoseconds(seen.mtime(), seen.mtime_nsec()),
        nanoseconds(seen.ctime(), seen.ctime_nsec()),
    ])
}

/// The file `name` of each folder in `folder`, by the folders' names. Folders that have none are passed over.
pub fn in_each_folder(folder: &Path, name: &str) -> Result<Vec<PathBuf>, InputError> {
    let shown = folder.display().to_string();
    let mut found = Vec::new();
    let none = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => InputError::new(Place::whole(&shown), "there is no such folder"),
        _ => fault(&shown, &error),
    };
    for entry in std::fs::read_dir(folder).map_err(none)? {
        let file = entry.map_err(|error| fault(&shown, &error))?.path().join(name);
        // A link that leads nowhere is there, and is an error when it is read.
        if file.symlink_metadata().is_ok() {
            found.push(file);
        }
    }
    if found.is_empty() {
        let nothing = format!("no folder in this folder has a `{name}`");
        return Err(InputError::new(Place::whole(&shown), nothing).help("each stack stands in a folder of its own"));
    }
    found.sort_unstable();
    Ok(found)
}

fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
    extension.is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known))
}

fn duplicate_of_stdin() -> Result<std::os::fd::OwnedFd, InputError> {
    let duplicate = rustix::io::dup(io::stdin());
    duplicate.map_err(|error| fault("standard input", &error.into()))
}

/// What a file descriptor may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// A regular file, nothing else.
    File,
    /// Anything that can be read to its end.
    Stream,
}

/// `path` opened for reading. A pipe is opened without waiting for who writes to it, and refused later.
fn opened(path: &Path) -> Result<(String, File), InputError> {
    // Errors and places show it.
    let name = clean(&path.display().to_string());
    match open(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()) {
        Ok(file) => Ok((name, File::from(file))),
        Err(error) => Err(fault(&name, &error.into())),
    }
}

fn fault(name: &str, error: &io::Error) -> InputError {
    let whole = |what: &str| InputError::new(Place::whole(name), what);
    match error.kind() {
        io::ErrorKind::NotFound if Path::new(name).is_symlink() => whole("this is a link that leads nowhere"),
        io::ErrorKind::NotFound => whole("there is no such file"),
        io::ErrorKind::PermissionDenied => {
            whole("permission to read the file is denied").help("make it readable for the user who runs this")
        }
        _ => whole(&format!("the file can't be read: {error}")),
    }
}

/// All bytes of `file`, which is of that `sort` and has at most `most`.
fn whole(name: &str, file: &File, most: u64, sort: Sort) -> Result<Zeroizing<Vec<u8>>, InputError> {
    let whole = |what: &str| InputError::new(Place::whole(name), what);
    let too_large = || whole("the file is too large").help(format!("at most {} MiB are read", most >> 20));
    let metadata = file.metadata().map_err(|error| fault(name, &error))?;
    if metadata.is_dir() {
        return Err(whole("this is a folder").help("name a file in it"));
    }
    if !metadata.is_file() && sort == Sort::File {
        return Err(whole("this is not a regular file").help("save what it holds to a file first"));
    }
    if metadata.len() > most {
        return Err(too_large());
    }
    let bytes = bytes(file, metadata.len(), most).map_err(|error| fault(name, &error))?.ok_or_else(too_large)?;
    let after = file.metadata().map_err(|error| fault(name, &error))?;
    if sort == Sort::File && stamp(&after) != stamp(&metadata) {
        return Err(whole("the file changed while it was read").help("run this again once it is saved"));
    }
    Ok(bytes)
}

fn content(name: String, file: &File, most: u64, sort: Sort) -> Result<Document, InputError> {
    let mut bytes = whole(&name, file, most, sort)?;
    let digest = Digest::of(&bytes);
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Ok(Document { name, text: Zeroizing::new(text), digest }),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let bytes = Zeroizing::new(error.into_bytes());
            let (line, column) = position(&bytes[..good]);
            let place = Place { file: name.into(), line, column };
            Err(InputError::new(place, "this is not UTF-8").help("save the file as UTF-8"))
        }
    }
}

/// What is another once somebody writes to a file: a part of what is being saved may be a stack too, a smaller one.
/// Not the time of its last change of any kind: a file that is replaced or removed can be read as it was.
fn stamp(file: &Metadata) -> impl PartialEq + use<> {
    use std::os::unix::fs::MetadataExt as _;
    (file.size(), file.mtime(), file.mtime_nsec())
}

/// All bytes of `file`, which should be about `size`, or `None` if they are more than are read. A buffer that turns
/// out too small is wiped when it is left for a larger one.
fn bytes(mut file: &File, size: u64, most: u64) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let most = usize::try_from(most).unwrap_or(usize::MAX - 1) + 1;
    let mut bytes = Zeroizing::new(vec![0; usize::try_from(size).map_or(most, |size| (size + 1).min(most))]);
    let mut filled = 0;
    loop {
        if filled == most {
            return Ok(None);
        }
        if filled == bytes.len() {
            let mut larger = Zeroizing::new(vec![0; (filled * 2).clamp(4096, most)]);
            larger[..filled].copy_from_slice(&bytes);
            bytes = larger;
        }
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(Some(bytes))
}

/// Line and column of the character that follows `text`, which is UTF-8.
fn position(text: &[u8]) -> (u32, u32) {
    let number = |count: usize| u32::try_from(count + 1).unwrap_or(u32::MAX);
    let lines = text.split(|byte| *byte == b'\n');
    // Every byte that does not continue a character begins one.
    let last = lines.clone().next_back().unwrap_or_default().iter().filter(|byte| **byte & 0xc0 != 0x80);
    (number(lines.count() - 1), number(last.count()))
}
