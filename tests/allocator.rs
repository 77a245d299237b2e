//! The allocator is configured in the program, and not in the folder or the environment that it was built in.

use crate::program::program;

#[test]
fn the_allocator_has_one_arena_and_gives_pages_back_after_a_second() {
    let output = program().arg("--version").env("_RJEM_MALLOC_CONF", "stats_print:true").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    for option in ["opt.narenas: 1\n", "opt.dirty_decay_ms: 1000 ", "opt.tcache_max: 1024\n"] {
        assert!(said.contains(option), "{option}");
    }
}
