//! The program: arguments in, exit code out.

/// glibc's allocator takes half as long again over a question about a large stack, and keeps more of its memory afterwards.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    pci_compliance::cli::run()
}
