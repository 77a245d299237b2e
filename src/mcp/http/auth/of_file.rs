//! What is made of a file, and made anew when the file changes.

use netpol_reach::InputError;
use pci_engine::files::Look;

/// Something that is made of a file, and made anew when that changes.
pub trait OfFile: Sized + Send + Sync + 'static {
    /// Reads the file.
    fn read(&self) -> Result<Self, InputError>;
    /// The same that lets nobody in.
    fn closed(&self) -> Self;
    /// How the file looks.
    fn look(&self) -> Look;
}
