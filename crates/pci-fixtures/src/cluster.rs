//! A cluster of any size: namespaces of about twenty workloads, a default-deny in each (every other one leaves what
//! goes out alone), and policies by labels of pods and namespaces. The same numbers give the same text.

use std::fmt::Write as _;

/// Manifests of `workloads` in `namespaces`, with `policies`, as YAML.
pub fn manifests(workloads: usize, namespaces: usize, policies: usize) -> String {
    let mut text = String::with_capacity(workloads * 400 + policies * 500);
    for namespace in 0..namespaces {
        let _ = write!(
            text,
            "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: team-{namespace}\n  labels:\n    tier: t{}\n",
            namespace % 5
        );
        let _ = write!(
            text,
            "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: default-deny\n  namespace: team-{namespace}\n\
             spec:\n  podSelector: {{}}\n  policyTypes: [{}]\n",
            if namespace % 2 == 0 { "Ingress" } else { "Ingress, Egress" }
        );
    }
    for workload in 0..workloads {
        let _ = write!(
            text,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{workload}\n  namespace: team-{home}\nspec:\n  replicas: 2\n  \
             selector:\n    matchLabels:\n      app: app-{workload}\n  template:\n    metadata:\n      labels:\n        app: app-{workload}\n        \
             role: r{role}\n    spec:\n      containers:\n        - name: main\n          image: registry.example/app:1.2.3\n          ports:\n            \
             - name: http\n              containerPort: {port}\n",
            home = workload % namespaces,
            role = workload % 7,
            port = 8000 + workload % 50,
        );
    }
    // Each further policy lets one workload take connections from another, and every third lets it open one.
    for policy in namespaces..policies {
        let (target, source) = (policy % workloads, (policy * 7919 + 13) % workloads);
        let _ = write!(
            text,
            "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: allow-{policy}\n  namespace: team-{home}\nspec:\n  \
             podSelector:\n    matchLabels:\n      app: app-{target}\n",
            home = target % namespaces,
        );
        let peer = format!(
            "        - namespaceSelector:\n            matchLabels:\n              kubernetes.io/metadata.name: team-{}\n          podSelector:\n            \
             matchExpressions:\n              - {{key: role, operator: In, values: [r{}, r{}]}}\n",
            source % namespaces,
            source % 7,
            (source + 1) % 7
        );
        let (kind, side, own) =
            if policy % 3 == 0 { ("Egress", "egress", "to") } else { ("Ingress", "ingress", "from") };
        let _ = write!(text, "  policyTypes: [{kind}]\n  {side}:\n    - {own}:\n{peer}");
        if policy % 11 == 0 {
            text.push_str("        - ipBlock:\n            cidr: 10.0.0.0/8\n            except: [10.1.0.0/16]\n");
        }
        let port = if policy % 4 == 0 { "http".to_owned() } else { (8000 + target % 50).to_string() };
        let _ = write!(text, "      ports:\n        - port: {port}\n          protocol: TCP\n");
    }
    text
}
