//! The proof in words.

use std::{collections::BTreeSet, fmt::Write as _};

use pci_policy::proof::Proof;
use pci_render::prose;
use pci_stack::Level;

/// How many differences a text names.
const NAMED: usize = 5;

/// What `proof` shows, at `level`; of its dead letters, which may be cut, there are `dead_letters`.
pub(super) fn proof(proof: &Proof, level: Level, dead_letters: usize, text: &mut String) {
    if level == Level::None {
        text.push_str(
            "At this level nothing is restricted: every namespace may reach every other, and the internet.\n",
        );
        return;
    }
    if proof.holds {
        let _ = writeln!(
            text,
            "The proof holds: the policies allow the {} declared (from, to, port), and nothing else.",
            proof.declared
        );
    } else {
        let _ = writeln!(
            text,
            "**The proof does not hold**: {} declared and not allowed, {} allowed and not declared.",
            proof.missing.len(),
            proof.excess.len()
        );
        for difference in proof.missing.iter().chain(&proof.excess).take(NAMED) {
            let _ = writeln!(
                text,
                "- {}",
                prose(&format!(
                    "{} -> {} on {}: {}",
                    difference.from, difference.to, difference.ports, difference.change
                ))
            );
        }
    }
    if !proof.dead_letters.is_empty() {
        let causes: BTreeSet<&str> = proof.dead_letters.iter().map(|letter| letter.why.as_str()).collect();
        let _ = writeln!(text, "\n{dead_letters} rules may match no traffic, and the proof leaves them aside:");
        for why in causes {
            let _ = writeln!(text, "- {}", prose(why));
        }
    }
}
