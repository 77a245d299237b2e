//! The shipped tables: the page's are carried exactly, and nothing in them contradicts.

use std::collections::BTreeSet;

use pci_fixtures::tables;
use pci_stack::{
    TypeName,
    catalog::{Catalog, Exception, ExceptionPeer, ExceptionPorts, Origin, Section, Subject},
};

fn catalog() -> Catalog {
    tables().catalog.clone()
}

/// `subject direction peer ports` of the page's entries of one section.
fn rows(section: Section) -> Vec<String> {
    let row = |entry: &Exception| {
        let subject = match &entry.subject {
            Subject::EveryNamespace => "all".to_owned(),
            Subject::Type(name) => name.to_string(),
        };
        let peer = match &entry.peer {
            ExceptionPeer::ComponentType(name) => name.to_string(),
            ExceptionPeer::Namespace(name) => name.to_string(),
            ExceptionPeer::KubeApi => "kube-api".to_owned(),
            ExceptionPeer::Dns => "dns".to_owned(),
            ExceptionPeer::External => "external".to_owned(),
            ExceptionPeer::Stack => "cluster-wide".to_owned(),
            ExceptionPeer::Addresses(block) => block.to_string(),
        };
        let ports = match &entry.ports {
            ExceptionPorts::Exact(ports) => ports.to_string().replace("/TCP", ""),
            ExceptionPorts::AllOr(_) => "all".to_owned(),
            ExceptionPorts::ClientPortsOfPeer => "per tool".to_owned(),
        };
        format!("{subject} {} {peer} {ports}", entry.direction.as_str())
    };
    let catalog = catalog();
    catalog.exceptions.section(section).filter(|entry| entry.origin == Origin::Page).map(row).collect()
}

#[test]
fn the_pages_component_exceptions_are_carried_exactly() {
    assert_eq!(
        rows(Section::Component),
        [
            "cert_manager ingress kube-system 443, 9402, 10250",
            "argo_cd egress external 443",
            "prometheus ingress grafana 9090",
            "apisix ingress external 80, 443, 9443",
            "opa egress kube-api 443",
            "stack_agent egress cluster-wide per tool",
        ]
    );
}

#[test]
fn the_pages_system_exceptions_are_carried_exactly() {
    assert_eq!(rows(Section::System), ["all egress dns 53, 53/UDP", "all egress kube-api 443"]);
}

#[test]
fn the_pages_internet_exceptions_are_carried_exactly() {
    assert_eq!(
        rows(Section::Internet),
        [
            "apisix ingress external 80, 443, 9443",
            "apisix egress external 80, 443, 9443",
            "argo_cd egress external 443",
            "cert_manager egress external 443",
            "opa egress external 443",
            "velero egress external 443",
            "keda egress external 443",
            "keycloak egress external 443",
            "sonarqube egress external 443",
        ]
    );
}

#[test]
fn what_is_ours_is_marked_as_ours() {
    let catalog = catalog();
    let ours: Vec<_> = catalog
        .exceptions
        .entries
        .iter()
        .filter(|entry| entry.origin == Origin::Ours)
        .map(|entry| &*entry.id)
        .collect();
    assert_eq!(ours, ["cnpg-webhook-from-kube-system"]);
    assert!(catalog.exceptions.entries.iter().all(|entry| entry.origin != Origin::User && entry.reason.is_some()));
}

#[test]
fn every_type_with_ports_is_known_and_every_port_has_a_role() {
    let catalog = catalog();
    assert!(catalog.exceptions.ports.types().count() >= 64);
    for name in catalog.exceptions.ports.types() {
        assert!(catalog.types.get(name).is_some(), "{name} has ports and is no type");
        for row in catalog.exceptions.ports.rows(name) {
            assert!(!row.roles.is_empty(), "{name} {} has no role", row.port);
            assert!(!row.name.is_empty());
        }
    }
}

#[test]
fn data_stores_gateways_and_what_is_not_on_the_network_are_these() {
    let catalog = catalog();
    let of = |is: fn(&pci_stack::catalog::ComponentType) -> bool| {
        catalog.types.iter().filter(|known| is(known)).map(|known| known.name.to_string()).collect::<BTreeSet<_>>()
    };
    let set = |text: &str| text.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(
        of(|known| known.data_store),
        set(
            "cnpg postgresql mysql mongodb redis valkey memcached clickhouse qdrant milvus elasticsearch opensearch minio \
             seaweedfs kafka rabbitmq nats zookeeper cassandra etcd"
        )
    );
    assert_eq!(of(|known| known.gateway), set("apisix kong nginx_ingress istio"));
    assert_eq!(
        of(|known| !known.network),
        set("agent ai_task securitycontext resource_policy pod_level_security probes custom disallow image_policy \
             image_signing label_deny")
    );
}

#[test]
fn every_parent_and_every_type_that_meets_a_need_exists() {
    let catalog = catalog();
    for known in catalog.types.iter() {
        let needs = known.needs_internet.iter().flat_map(|need| &need.met_by);
        for name in known.parent.iter().chain(needs) {
            assert!(catalog.types.get(name).is_some(), "{} names {name}", known.name);
        }
    }
}

#[test]
fn the_shipped_overrides_are_these() {
    let catalog = catalog();
    let of = |source: &str, target: &str| {
        let over = catalog.exceptions.ports.override_for(&TypeName::new(source), &TypeName::new(target));
        over.map(|over| (over.ports.to_string(), over.reversed))
    };
    assert_eq!(of("apisix", "minio"), Some(("9000/TCP, 9001/TCP".to_owned(), false)));
    assert_eq!(of("keda", "rabbitmq"), Some(("15672/TCP".to_owned(), false)));
    assert_eq!(of("fastmcp", "rabbitmq"), Some(("15672/TCP".to_owned(), false)));
    assert_eq!(of("prometheus", "prometheus"), Some(("9090/TCP".to_owned(), false)));
    assert_eq!(of("mongo_db", "topic"), Some(("27017/TCP".to_owned(), true)));
}

#[test]
fn no_attribute_that_may_hold_a_secret_is_read() {
    let catalog = catalog();
    let suspicious =
        ["password", "secret", "token", "private", "credential", "api_key", "access_key", "email", "username"];
    for known in catalog.types.iter() {
        for name in known.attributes() {
            let is_meant = ["secret_store_provider", "secret_store_host", "secret_store_path", "secret_store_version"];
            let is_safe = is_meant.contains(&name) || !suspicious.iter().any(|word| name.contains(word));
            assert!(is_safe, "{} reads {name}", known.name);
        }
    }
}
