//! A seeded generator of stacks in the real file's shape: every link at both ends, every end a whole copy.

use std::fmt::Write as _;

/// A generator of numbers that only the seed decides (`SplitMix64`).
pub struct Random(u64);

impl Random {
    /// Numbers from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).unwrap_or(0)
    }
}

/// Types and the port that each declares, if it does.
const KINDS: [(&str, Option<u16>); 6] = [
    ("fastapi", Some(8000)),
    ("nodejs", Some(3000)),
    ("redis", None),
    ("postgresql", Some(5432)),
    ("kafka", None),
    ("minio", Some(9000)),
];

/// A stack of `components` components, each with a namespace of its own and `links` links to others.
pub fn stack(components: usize, links: usize, seed: u64) -> String {
    let mut random = Random::new(seed);
    let kind = |index: usize| KINDS[index % KINDS.len()];
    let mut ends: Vec<(usize, usize)> = Vec::new();
    for source in 0..components {
        let mut targets = Vec::new();
        while targets.len() < links.min(components - 1) {
            let target = random.below(components);
            if target != source && !targets.contains(&target) {
                targets.push(target);
            }
        }
        ends.extend(targets.into_iter().map(|target| (source, target)));
    }
    let mut to: Vec<Vec<usize>> = vec![Vec::new(); components];
    let mut from: Vec<Vec<usize>> = vec![Vec::new(); components];
    for (source, target) in ends {
        to[source].push(target);
        from[target].push(source);
    }
    let mut text = String::from("default_context:\n  project_slug: \"big\"\n  components:\n");
    for index in 0..components {
        let _ = writeln!(text, "    c{index}:");
        node(&mut text, index, kind(index), 6);
        for (side, others, hint) in
            [("links_to", &to[index], "from_component"), ("links_from", &from[index], "to_component")]
        {
            let _ = writeln!(text, "      {side}:{}", if others.is_empty() { " {}" } else { "" });
            for other in others {
                let (source, target) = if side == "links_to" { (index, *other) } else { (*other, index) };
                let _ = writeln!(
                    text,
                    "        c{other}:\n          group: \"g\"\n          type: \"{}-{}\"",
                    kind(source).0,
                    kind(target).0
                );
                text.push_str("          attributes: {}\n          component:\n");
                node(&mut text, *other, kind(*other), 12);
                let _ = writeln!(
                    text,
                    "            links_to: {{}}\n            links_from: {{}}\n            parent: null\n          {hint}: null"
                );
            }
        }
        text.push_str("      parent: null\n      sub_components: {}\n");
    }
    text.push_str("  configuration:\n    system_name: \"big\"\n    microsegmentation_level: \"pci_dss_strict\"\n");
    text
}

/// What a component says of itself, `indent` deep.
fn node(text: &mut String, index: usize, (kind, port): (&str, Option<u16>), indent: usize) {
    let pad = " ".repeat(indent);
    let _ = writeln!(text, "{pad}group: \"g\"\n{pad}type: \"{kind}\"\n{pad}name: \"c{index}\"\n{pad}attributes:");
    let _ = writeln!(text, "{pad}  namespace: \"ns-{index}\"");
    if let Some(port) = port {
        let _ = writeln!(text, "{pad}  port: \"{port}\"");
    }
    for (name, value) in [
        ("rbac", "true"),
        ("service_type", "\"ClusterIP\""),
        ("password", "\"generated-secret\""),
        ("version", "\"1.2.3\""),
        ("user_id", "\"1000\""),
        ("pvc", "false"),
        ("hpa", "false"),
        ("probes", "true"),
        ("cpu_limit", "\"500m\""),
        ("cpu_request", "\"250m\""),
        ("mem_limit", "\"500Mi\""),
        ("mem_request", "\"256Mi\""),
        ("configmap", "\"A=1\\r\\nB=2\""),
        ("replicas", "\"2\""),
    ] {
        let _ = writeln!(text, "{pad}  {name}: {value}");
    }
}
