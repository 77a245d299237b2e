//! The program: arguments in, exit code out.

/// glibc's allocator takes a third longer over a question about a large stack, and keeps more of its memory afterwards.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    pci_compliance::cli::run()
}
