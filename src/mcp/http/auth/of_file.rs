//! What is made of a file, and made anew when the file changes.

use netpol_reach::InputError;
use pci_engine::files::Look;

/// Why nothing can be made of a file.
#[derive(Debug)]
pub enum Unusable {
    /// There is no file to read: it is gone, too large, a folder, a pipe, or not ours to read. After a moment nobody is let
    /// in by it any more.
    File(InputError),
    /// What the file holds is not what it should, as while it is being written. What was made of it before stays.
    Content(InputError),
}

impl From<Unusable> for InputError {
    fn from(why: Unusable) -> Self {
        match why {
            Unusable::File(error) | Unusable::Content(error) => error,
        }
    }
}

/// Something that is made of a file, and made anew when that changes.
pub trait OfFile: Sized + Send + Sync + 'static {
    /// Reads the file.
    fn read(&self) -> Result<Self, Unusable>;
    /// The same that lets nobody in.
    fn closed(&self) -> Self;
    /// How the file looks.
    fn look(&self) -> Look;
}
