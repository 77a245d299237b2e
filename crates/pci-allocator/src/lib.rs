//! jemalloc as the program's allocator, configured here so that it is the same in every build.
//!
//! On a stack of 1,000 components a what-if takes a third of the time that it takes with glibc's allocator, and a server
//! keeps half as much memory (benches/README.md).

use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// One arena: with one for each core a server keeps more memory and is no faster, since threads have caches of what is
/// small. Freed pages go back after a second instead of ten. `_RJEM_MALLOC_CONF` in the environment overrides this, for
/// a server with many cores and clients.
///
/// jemalloc reads this symbol, a C string that its own documentation calls `malloc_conf`, before `main`.
#[expect(
    unsafe_code,
    reason = "a symbol that C reads can be given its name only so; the type is that of `const char *`"
)]
#[used]
#[unsafe(export_name = "_rjem_malloc_conf")]
pub static CONFIGURATION: &[u8; 46] = b"narenas:1,tcache_max:1024,dirty_decay_ms:1000\0";
