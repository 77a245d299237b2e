//! What runs pods: every kind that does, lists of them, replicas, the host network.

use super::{DEFAULT, Plugin, evaluated, notices, opens, pod, policy, short, takes, takes_with};

const TEMPLATE: &str = "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, ports: [{name: http, containerPort: 8080}]}]}}";
/// Selects what the template makes, and lets `http` in.
const OPEN: &str = "podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: http}]}]";

fn object(api_version: &str, kind: &str, spec: &str) -> String {
    format!(
        "{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: x, namespace: a, labels: {{app: not-this}}}}, spec: {{{spec}}}}}"
    )
}

fn names(objects: &[String]) -> Vec<String> {
    let connectivity = evaluated(objects, DEFAULT);
    (0..connectivity.len()).map(|index| short(connectivity.name(index)).to_owned()).collect()
}

#[test]
fn every_kind_that_makes_pods_of_a_template_is_a_workload_by_the_templates_labels_and_ports() {
    let kinds = [
        ("apps/v1", "Deployment"),
        ("apps/v1", "StatefulSet"),
        ("apps/v1", "DaemonSet"),
        ("apps/v1", "ReplicaSet"),
        ("batch/v1", "Job"),
        ("v1", "ReplicationController"),
    ];
    for (api_version, kind) in kinds {
        let cluster = [object(api_version, kind, TEMPLATE), pod("b/client", ""), policy("a", OPEN)];
        assert_eq!(opens("b/client", &cluster), [format!("a/x[{kind}]: 8080/TCP")]);
    }
}

#[test]
fn a_cron_job_is_a_workload_by_the_template_of_its_jobs() {
    let cron_job =
        object("batch/v1", "CronJob", &format!("schedule: '* * * * *', jobTemplate: {{spec: {{{TEMPLATE}}}}}"));
    assert_eq!(opens("b/client", &[cron_job, pod("b/client", ""), policy("a", OPEN)]), ["a/x[CronJob]: 8080/TCP"]);
}

#[test]
fn the_order_of_an_objects_fields_does_not_matter() {
    let backwards =
        format!("{{spec: {{{TEMPLATE}}}, metadata: {{name: x, namespace: a}}, kind: Deployment, apiVersion: apps/v1}}");
    let policy = format!(
        "{{spec: {{{OPEN}}}, metadata: {{name: p, namespace: a}}, kind: NetworkPolicy, apiVersion: networking.k8s.io/v1}}"
    );
    assert_eq!(opens("b/client", &[backwards, pod("b/client", ""), policy]), ["a/x[Deployment]: 8080/TCP"]);
}

#[test]
fn an_object_of_a_kind_that_plays_no_part_makes_no_workload() {
    let others = [
        object("v1", "Service", "selector: {app: web}"),
        object("v1", "PodTemplate", ""),
        object("example.com/v1", "Deployment", TEMPLATE),
        object("v1", "Deployment", TEMPLATE),
    ];
    assert_eq!(names(&[&others[..], &[pod("a/only", "")]].concat()), ["a/only"]);
}

#[test]
fn a_list_is_its_items() {
    let items =
        [pod("a/x", "app: web"), pod("b/y", ""), policy("a", "podSelector: {}").replace("NUMBERED", "p")].join(", ");
    let list = format!("{{apiVersion: v1, kind: List, items: [{items}]}}");
    assert_eq!((names(std::slice::from_ref(&list)), takes("a/x", &[list])), (vec!["a/x".into(), "b/y".into()], vec![]));
}

/// `kubectl get -o json` sorts keys: `items` stands before `kind`.
#[test]
fn a_list_may_say_last_that_it_is_one() {
    let list = r#"{"apiVersion": "v1", "items": [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "namespace": "a"}, "spec": {"containers": []}}
    ], "kind": "List", "metadata": {"resourceVersion": ""}}"#;
    assert_eq!(names(&[list.to_owned()]), ["a/x"]);
}

/// As the API itself answers: the items of a typed list don't say what they are.
#[test]
fn items_of_a_typed_list_are_of_its_kind() {
    let first =
        "{apiVersion: apps/v1, kind: DeploymentList, items: [{metadata: {name: x, namespace: a}, spec: {TEMPLATE}}]}";
    let last = "{items: [{metadata: {name: p, namespace: a}, spec: {OPEN}}], kind: NetworkPolicyList, apiVersion: networking.k8s.io/v1}";
    let lists = [first.replace("TEMPLATE", TEMPLATE), last.replace("OPEN", OPEN)];
    assert_eq!(opens("b/client", &[&lists[..], &[pod("b/client", "")]].concat()), ["a/x[Deployment]: 8080/TCP"]);
    let namespaces =
        "{apiVersion: v1, kind: NamespaceList, items: [{metadata: {name: a, labels: {team: one}}}]}".to_owned();
    let by_team = policy("b", "podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: one}}}]}]");
    assert_eq!(takes("b/y", &[namespaces, pod("a/x", ""), pod("b/y", ""), pod("c/z", ""), by_team]), ["a/x"]);
}

#[test]
fn an_empty_list_is_nothing() {
    let lists = [
        "{apiVersion: v1, kind: List, items: []}",
        "{apiVersion: v1, kind: List, items: null}",
        "{apiVersion: v1, kind: PodList}",
    ];
    assert_eq!(names(&[&lists.map(str::to_owned)[..], &[pod("a/only", "")]].concat()), ["a/only"]);
}

/// The Pod `a/name` that a controller made.
fn replica(name: &str, labels: &str, owners: &str) -> String {
    format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: a, labels: {{{labels}}}, ownerReferences: [{owners}]}}, spec: {{containers: []}}}}"
    )
}

const SET: &str = "{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: '1', controller: true}";

#[test]
fn pods_of_one_controller_are_one_workload() {
    let cluster = [replica("web-1", "", SET), replica("web-2", "", SET), pod("b/client", "")];
    assert_eq!(names(&cluster), ["a/web[ReplicaSet]", "b/client"]);
    assert_eq!(opens("b/client", &cluster), ["a/web[ReplicaSet]"]);
}

#[test]
fn an_owner_that_is_no_controller_owns_no_pods() {
    let owner = SET.replace("true", "false");
    let unsaid = SET.replace(", controller: true", "");
    assert_eq!(names(&[replica("one", "", &owner), replica("two", "", &unsaid)]), ["a/one", "a/two"]);
}

#[test]
fn of_replicas_that_differ_a_workload_may_what_any_of_them_may() {
    let labelled = policy("a", "podSelector: {matchLabels: {canary: 'yes'}}, ingress: [{ports: [{port: 80}]}]");
    let shut = policy("a", "podSelector: {}, ingress: [{ports: [{port: 443}]}]");
    let cluster =
        [replica("web-1", "", SET), replica("web-2", "canary: 'yes'", SET), pod("b/client", ""), labelled, shut];
    assert_eq!(opens("b/client", &cluster), ["a/web[ReplicaSet]: 80/TCP, 443/TCP"]);
}

#[test]
fn a_workload_is_not_listed_as_its_own_peer() {
    let cluster = [replica("web-1", "", SET), replica("web-2", "", SET)];
    assert_eq!((opens("a/web[ReplicaSet]", &cluster), takes("a/web[ReplicaSet]", &cluster)), (vec![], vec![]));
}

#[test]
fn a_pod_without_a_name_has_the_one_it_is_generated_from() {
    let generated = "{apiVersion: v1, kind: Pod, metadata: {generateName: job-}, spec: {containers: []}}";
    assert_eq!(names(&[generated.to_owned()]), ["default/job-"]);
}

/// A pod on the host network, a client, and a policy that selects all of its namespace.
fn on_host() -> Vec<String> {
    let host =
        "{apiVersion: v1, kind: Pod, metadata: {name: host, namespace: a}, spec: {hostNetwork: true, containers: []}}";
    vec![
        host.to_owned(),
        pod("a/x", ""),
        pod("b/y", ""),
        policy("a", "podSelector: {}, ingress: [{from: [{podSelector: {}}]}]"),
    ]
}

const UNSELECTABLE: Plugin = Plugin { host_network_is_selectable: false, ..DEFAULT };

/// The first of two possibilities that the API leaves: "just like it does to pod-network pods".
#[test]
fn a_pod_on_the_host_network_is_selected_as_any_other_with_a_notice() {
    assert_eq!(
        (takes("a/host", &on_host()), takes("a/x", &on_host())),
        (vec!["a/x".to_owned()], vec!["a/host".to_owned()])
    );
    let notices = notices(&on_host());
    assert!(notices.iter().any(|notice| notice.starts_with("a/host[Pod] is on the host network")), "{notices:?}");
}

/// The second: the plugin "ignores hostNetwork pods when matching podSelector and namespaceSelector".
#[test]
fn a_pod_on_the_host_network_is_selected_by_nothing_where_the_plugin_is_of_that_kind() {
    assert_eq!(takes_with(UNSELECTABLE, "a/host", &on_host()), ["a/x", "b/y"]);
    assert_eq!(takes_with(UNSELECTABLE, "a/x", &on_host()), [""; 0]);
    let anyone = policy("a", "podSelector: {}, ingress: [{}]");
    assert_eq!(takes_with(UNSELECTABLE, "a/x", &[on_host(), vec![anyone]].concat()), ["a/host", "b/y"]);
}

#[test]
fn a_template_may_be_on_the_host_network_too() {
    let agent = object("apps/v1", "DaemonSet", "template: {metadata: {labels: {app: web}}, spec: {hostNetwork: true}}");
    let cluster = [agent, pod("b/y", ""), policy("a", "podSelector: {}")];
    assert_eq!(takes("a/x[DaemonSet]", &cluster), [""; 0]);
    assert_eq!(takes_with(UNSELECTABLE, "a/x[DaemonSet]", &cluster), ["b/y"]);
}
