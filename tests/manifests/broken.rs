//! Templates that were not rendered, and text that is no manifest.

use netpol_reach::{Cluster, Connectivity, Settings};
use proptest::{collection::vec, prelude::*, sample::Index};

use super::{POD, of, with_policy};

const RENDER: &str = "this looks like a template: render it first";

#[test]
fn a_template_that_is_no_yaml_is_said_to_be_one() {
    for template in
        ["metadata:\n  name: {{ .Values.name }}\nspec: {}\n", "{{- if .Values.on }}\nmetadata: {name: x}\n{{- end }}\n"]
    {
        let error = of(format!("{POD}---\napiVersion: v1\nkind: Pod\n{template}")).refusal();
        assert!(error.contains(RENDER) && error.starts_with("error: cluster.yaml:"), "{error}");
    }
}

#[test]
fn a_template_in_quotes_in_a_policy_is_said_to_be_one() {
    for spec in [
        "podSelector: {matchLabels: {app: '{{ .Values.app }}'}}",
        "podSelector: {}, ingress: [{ports: [{port: '{{ .Values.port }}'}]}]",
        "podSelector: {}, ingress: [{from: [{ipBlock: {cidr: '{{ .Values.cidr }}'}}]}]",
        "policyTypes: ['{{ .Values.type }}']",
    ] {
        let error = of(with_policy(spec)).refusal();
        assert!(error.contains(RENDER) && error.starts_with("error: cluster.yaml:10:"), "{error}");
    }
}

#[test]
fn a_template_in_quotes_in_a_namespace_is_said_to_be_one() {
    let pod = POD.replace("namespace: a", "namespace: '{{ .Release.Namespace }}'");
    let policy = with_policy("").replace("name: p, namespace: a", "name: p, namespace: '{{ .Release.Namespace }}'");
    let object = "apiVersion: v1\nkind: Namespace\nmetadata: {name: '{{ .Release.Namespace }}'}\n".to_owned();
    for text in [pod, policy, object] {
        let error = of(&text).refusal();
        assert!(error.contains(RENDER), "{error}");
    }
}

/// Taken as they stand, they would be labels that no selector finds.
#[test]
fn a_template_in_quotes_in_a_name_or_a_label_is_said_to_be_one() {
    let name = POD.replace("name: x", "name: '{{ .Release.Name }}'");
    let label = POD.replace("name: x", "name: x, labels: {app: '{{ .Release.Name }}'}");
    let of_namespace = format!(
        "{POD}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: a, labels: {{team: '{{{{ .Values.team }}}}'}}}}\n"
    );
    for text in [name, label, of_namespace] {
        let error = of(&text).refusal();
        assert!(error.contains(RENDER), "{error}");
    }
}

#[test]
fn a_template_that_plays_no_part_is_none_of_our_business() {
    let map = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\ndata: {greeting: 'hello {{ name }}'}\n";
    assert!(of(format!("{POD}{map}")).answer().contains("Skipped: 1 ConfigMap (v1)."));
    let annotated = POD.replace("name: x", "name: x, annotations: {note: '{{ kept }}'}");
    assert!(of(annotated).answer().starts_with("1 workload"));
}

#[test]
fn documents_that_are_no_object_are_skipped_and_counted() {
    for text in [
        "- one\n- two\n",
        "hello\n",
        "42\n",
        "2026-01-01\n",
        "true\n",
        "~\n",
        "a: b\n",
        "kind: Pod\n",
        "apiVersion: v1\n",
        "[]",
        "[{\"a\": 1}]",
        "\"text\"",
        "{}",
    ] {
        let answer = of(format!("{POD}---\n{text}")).answer();
        assert!(
            answer.starts_with("1 workload") && answer.contains("Skipped: 1 no Kubernetes object."),
            "{text}: {answer}"
        );
    }
}

#[test]
fn yaml_that_is_broken_is_refused_where_it_breaks() {
    for (text, line) in [
        ("metadata: {name: x", 9),
        ("metadata:\n\tname: x\n", 10),
        ("metadata: {name: x}\nmetadata: {name: y}\n", 10),
        ("metadata: {name: \"x}\n", 9),
        ("metadata: *unknown\n", 9),
        ("metadata: {name: x}\n name: y\n", 10),
    ] {
        let error = of(format!("{POD}---\napiVersion: v1\nkind: Pod\n{text}")).refusal();
        let place = error.trim_start_matches("error: cluster.yaml:").split(':').next().unwrap();
        assert!(place.parse::<u32>().is_ok_and(|at| at.abs_diff(line) <= 1), "{text}: {error}");
    }
}

#[test]
fn what_nests_too_deep_or_unfolds_to_too_much_is_refused() {
    assert!(of("[".repeat(100_000)).refusal().starts_with("error: cluster.yaml:1:"));
    assert!(of("{\"a\":".repeat(5_000) + "1" + &"}".repeat(5_000)).refusal().contains("nested too deep"));
    let aliases = (1..30).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}, *a{0}]\n", n - 1));
    let aliases: String = aliases.collect();
    assert!(of(format!("a0: &a0 [x, x]\n{aliases}")).refusal().starts_with("error: cluster.yaml:"));
}

/// Cut, doubled, shifted, and strewn with what means something in YAML.
#[derive(Debug, Clone)]
enum Edit {
    Cut(Index),
    Double(Index),
    Shift(Index),
    Insert(Index, &'static str),
}

impl Edit {
    fn apply(&self, lines: &mut Vec<String>) {
        let at = |index: &Index| index.index(lines.len());
        match self {
            _ if lines.is_empty() => {}
            Self::Cut(index) => drop(lines.remove(at(index))),
            Self::Double(index) => lines.insert(at(index), lines[at(index)].clone()),
            Self::Shift(index) => {
                let at = at(index);
                lines[at].insert_str(0, "  ");
            }
            Self::Insert(index, text) => {
                let at = at(index);
                lines[at].push_str(text);
            }
        }
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    let marks = [
        ":", "- ", "{", "}", "[", "]", "\"", "'", "|", ">-", "&a", "*a", "!!int ", "#", "---", "\t", "\u{feff}",
        "{{ x }}", ", ", " null", "\0", "é", "\r",
    ];
    prop_oneof![
        any::<Index>().prop_map(Edit::Cut),
        any::<Index>().prop_map(Edit::Double),
        any::<Index>().prop_map(Edit::Shift),
        (any::<Index>(), prop::sample::select(marks.to_vec())).prop_map(|(index, mark)| Edit::Insert(index, mark)),
    ]
}

/// Objects of each kind that is read, a field a line, and Secrets between them.
fn whole() -> String {
    let [policy, deployment, list] = OBJECTS;
    let secret = SECRET.replace("CANARY", CANARY);
    [POD, &secret, policy, &secret, deployment, list, &secret].concat()
}

const SECRET: &str = "---
apiVersion: v1
kind: Secret
metadata:
  name: s
  annotations:
    note: CANARY
stringData:
  password: CANARY
";

const OBJECTS: [&str; 3] = [
    "---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: p
  namespace: a
spec:
  podSelector:
    matchLabels:
      app: web
  policyTypes:
  - Ingress
  ingress:
  - from:
    - podSelector: {}
    - ipBlock:
        cidr: 10.0.0.0/8
        except:
        - 10.1.0.0/16
    ports:
    - port: 80
      endPort: 90
    - port: web
      protocol: UDP
",
    "---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: d
spec:
  template:
    metadata:
      labels:
        app: web
    spec:
      hostNetwork: true
      containers:
      - name: c
        ports:
        - name: web
          containerPort: 8080
",
    "---
items:
- metadata:
    name: n
    labels:
      team: one
kind: NamespaceList
apiVersion: v1
",
];

const CANARY: &str = "c4n4ry-2f9e";

/// Two hundred, or as many as `PROPTEST_CASES` says.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_broken_nothing_panics_and_no_secret_is_kept(edits in vec(edit(), 1..6)) {
        let whole = whole();
        let mut lines: Vec<String> = whole.lines().map(str::to_owned).collect();
        for edit in &edits {
            edit.apply(&mut lines);
        }
        let text = lines.join("\n");
        let manifests = netpol_reach::read([("cluster.yaml", text.as_str())]);
        let kept = format!("{manifests:?}{:?}", manifests.refused.iter().map(ToString::to_string).collect::<Vec<_>>());
        prop_assert!(!kept.contains(CANARY), "a secret was kept of\n{text}");
        if manifests.refused.is_empty() && let Ok(cluster) = Cluster::of(manifests, true) {
            let connectivity = Connectivity::of(cluster, Settings::default()).unwrap();
            (0..connectivity.len()).for_each(|index| drop((connectivity.outgoing(index), connectivity.incoming(index))));
        }
    }
}
