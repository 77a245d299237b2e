//! What is read from a stack file, and what is refused.

use pci_fixtures::{component, finding_ids, fixture_text, generator, read, stack, strict};
use pci_stack::{Level, LevelSource};

fn refused(text: &str) -> String {
    read(text, None, None).expect_err(text).to_string()
}

#[test]
fn the_real_files_shape_gives_each_link_once() {
    let snapshot = strict(&fixture_text("full-form.yaml"));
    let links: Vec<String> = snapshot.stack.links.iter().map(|link| format!("{} ({})", link.id, link.kind)).collect();
    insta::assert_debug_snapshot!(links, @r#"
    [
        "apisix -> assistant (apisix-flowise)",
        "apisix -> minio (apisix-minio)",
        "assistant -> cnpg/assistant (flowise-db)",
        "assistant -> minio/bucket-files (flowise-bucket)",
        "assistant -> redis (flowise-redis)",
        "assistant -> kafka/http (flowise-bridge)",
        "kafka/orders -> redis (topic-redis)",
        "mongodb/mongo-db -> kafka/orders (mongo_db-topic)",
        "prometheus -> mongodb (prometheus-mongodb)",
    ]
    "#);
}

#[test]
fn a_sub_component_goes_by_its_name_and_not_by_its_key() {
    let snapshot = strict(&fixture_text("full-form.yaml"));
    let names: Vec<String> = snapshot.stack.components.iter().map(|component| component.name.to_string()).collect();
    assert!(names.contains(&"minio/bucket-files".to_owned()) && !names.contains(&"minio/bucket_files".to_owned()));
}

#[test]
fn the_pseudo_component_of_the_platform_is_no_component() {
    let snapshot = strict(&stack(&(component("stacktic", "stacktic", "", &[]) + &component("a", "redis", "", &[]))));
    assert_eq!(snapshot.stack.components.len(), 1);
}

#[test]
fn a_short_link_is_joined_by_name_and_an_ambiguous_name_is_refused() {
    let twice = component("shop", "fastapi", "port: \"8000\"", &["same"])
        + &component("same", "redis", "", &[])
        + &component("db", "cnpg", "", &[])
        + "    sub_components: {same: {type: db, name: same}}\n";
    insta::assert_snapshot!(refused(&stack(&twice)), @"stack.yaml:7:7: `same` is the name of `same` and of `db/same` (say which, by the link's `component`, or as PARENT/NAME)");
    let named = twice.replace("      same: {attributes: {}}", "      db/same: {attributes: {}}");
    assert_eq!(strict(&stack(&named)).stack.links[0].id.as_str(), "shop -> db/same");
}

#[test]
fn a_link_to_nobody_is_refused_with_the_nearest_name() {
    let text = stack(&(component("shop", "fastapi", "", &["kafak"]) + &component("kafka", "kafka", "", &[])));
    insta::assert_snapshot!(refused(&text), @"stack.yaml:7:7: a link to `kafak`, which is no component of this stack (did you mean `kafka`?)");
}

#[test]
fn two_components_of_one_name_are_refused() {
    let text =
        stack(&(component("a", "redis", "", &[]) + &component("a2", "redis", "", &[]).replace("name: a2", "name: a")));
    insta::assert_snapshot!(refused(&text), @"stack.yaml:6:3: a second component `a`; the first is at stack.yaml:2:3");
}

#[test]
fn a_namespace_that_is_no_dns_label_is_refused() {
    let text = stack(&component("a", "redis", "", &[]).replace("namespace: a", "namespace: My_NS"));
    insta::assert_snapshot!(refused(&text), @"stack.yaml:5:18: `namespace` holds no namespace (a namespace is a DNS label: 1 to 63 of a-z, 0-9 and `-`, with a letter or digit at both ends)");
}

#[test]
fn a_component_without_a_namespace_is_refused_unless_it_is_of_another_stack() {
    let bare = stack("  a: {type: redis, name: a}\n");
    insta::assert_snapshot!(refused(&bare), @"stack.yaml:2:3: `a` has no `namespace` (add it to the component's attributes)");
    assert!(read(&bare.replace("name: a", "name: a, is_external: true"), None, None).is_ok());
    assert!(read(&bare.replace("name: a", "name: a, attributes: {is_external: \"true\"}"), None, None).is_ok());
}

#[test]
fn what_is_no_port_is_refused() {
    for port in ["0", "65536", "http", "80-90", "-1", "1e3"] {
        let error = refused(&stack(&component("a", "redis", &format!("port: \"{port}\""), &[])));
        assert!(error.contains("`port` of `a` holds no port") && error.contains("1 to 65535"), "{port}: {error}");
    }
    assert!(
        read(&stack(&component("a", "redis", "port: 6380", &[])), None, None).is_ok(),
        "a number without quotes is a port too"
    );
}

#[test]
fn an_unknown_level_is_refused_and_the_three_are_named() {
    let text = stack(&component("a", "redis", "", &[])) + "  microsegmentation_level: pci_strict\n";
    insta::assert_snapshot!(refused(&text), @"stack.yaml:8:3: `microsegmentation_level` holds no known level (a level is one of `none`, `standard`, `pci_dss_strict`; did you mean `pci_dss_strict`?)");
}

#[test]
fn an_absent_level_is_not_set_and_a_callers_level_wins() {
    let text = stack(&component("a", "redis", "", &[]));
    let silent = read(&text, None, None).unwrap();
    assert_eq!((silent.level(), silent.level_source()), (Level::None, LevelSource::NotSet));
    let said = text + "  microsegmentation_level: none\n";
    assert_eq!(read(&said, None, None).unwrap().level_source(), LevelSource::File);
    let asked = read(&said, None, Some(Level::PciDssStrict)).unwrap();
    assert_eq!((asked.level(), asked.level_source()), (Level::PciDssStrict, LevelSource::Flag));
}

#[test]
fn the_two_sides_of_a_link_may_not_contradict_each_other() {
    let text = fixture_text("full-form.yaml");
    let other_type = text.replacen("type: \"apisix-flowise\"", "type: \"apisix-other\"", 1);
    insta::assert_snapshot!(refused(&other_type), @"stack.yaml:27:9: the link `apisix -> assistant` has another `type` at its other end, stack.yaml:174:9 (one of the two is wrong)");
    let other_attribute = text.replacen("cors: \"false\"", "cors: \"true\"", 1);
    insta::assert_snapshot!(refused(&other_attribute), @"stack.yaml:31:13: `cors` of the link `apisix -> assistant` says something else at its other end, stack.yaml:178:13 (one of the two is wrong)");
    let other_port = text.replacen("port: \"3000\"", "port: \"3001\"", 1);
    insta::assert_snapshot!(refused(&other_port), @"stack.yaml:75:9: `port` of `assistant` differs from its copy at stack.yaml:39:15 (one of the two is wrong)");
    let other_namespace = text.replacen("namespace: \"assistant\"", "namespace: \"elsewhere\"", 1);
    insta::assert_snapshot!(refused(&other_namespace), @"stack.yaml:74:9: `namespace` of `assistant` differs from its copy at stack.yaml:38:15 (one of the two is wrong)");
}

#[test]
fn any_other_difference_of_a_copy_is_a_warning_and_the_own_entry_counts() {
    let text = fixture_text("full-form.yaml").replacen("dashboard: true", "dashboard: false", 1);
    let snapshot = strict(&text);
    assert!(finding_ids(&snapshot).contains(&"copy-differs"));
}

#[test]
fn a_flag_has_three_readings() {
    let text = stack(&component(
        "a",
        "fastapi",
        "rbac: true, hpa: false, pvc: \"fase\", probes: \"Default Value\", securityContext: \"true\"",
        &[],
    ));
    let snapshot = strict(&text);
    insta::assert_debug_snapshot!(snapshot.stack.components[0].facts.iter().map(|(name, fact)| format!("{name}: {:?}", fact.value)).collect::<Vec<_>>(), @r#"
    [
        "hpa: False",
        "probes: Doubtful(\"Default Value\")",
        "pvc: Doubtful(\"fase\")",
        "rbac: True",
        "securityContext: True",
    ]
    "#);
}

#[test]
fn spellings_and_aliases_of_a_type_are_one_type() {
    for spelling in ["argo_cd", "argo-cd", "Argo-CD", "ARGO CD"] {
        assert_eq!(strict(&stack(&component("a", spelling, "", &[]))).stack.components[0].kind.as_str(), "argo_cd");
    }
    assert_eq!(
        strict(&stack(&component("a", "keycloak_operator", "", &[]))).stack.components[0].kind.as_str(),
        "keycloak"
    );
}

#[test]
fn what_is_no_stack_is_refused_with_its_place() {
    let cases = [
        ("", "the file is empty"),
        ("# nothing\n", "no `components`"),
        ("just text", "expected a mapping"),
        ("- a\n- b\n", "expected a mapping"),
        ("a: 1\n", "no `components`"),
        ("components:\n  a:\n    type: \"re", "this is no YAML"),
        ("components: {a: {type: redis}}\ncomponents: {}\n", "stands twice"),
        ("components: {a: {type: redis, type: redis}}\n", "stands twice"),
        (
            "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d, *d]\nf: &f [*e, *e, *e, *e, *e, *e, *e, *e]\ng: [*f, *f, *f, *f, *f, *f, *f, *f]\n",
            "unfold to too much",
        ),
    ];
    for (text, expected) in cases {
        let error = refused(text);
        assert!(error.contains(expected), "{text}: {error}");
    }
    let deep = refused(&("components: {}\nother: ".to_owned() + &"[".repeat(10_000)));
    assert!(deep.contains("nested too deep") || deep.contains("this is no YAML"), "{deep}");
}

#[test]
fn names_that_show_nothing_or_break_things_are_cleaned() {
    let text = stack("  x: {type: redis, name: \"a\\u202eb\\u200b`\\n<b>\", attributes: {namespace: x}}\n");
    assert_eq!(strict(&text).stack.components[0].name.to_string(), "ab'<b>");
    let long = stack(&format!("  x: {{type: redis, name: \"{}\", attributes: {{namespace: x}}}}\n", "n".repeat(5_000)));
    assert_eq!(strict(&long).stack.components[0].name.to_string().chars().count(), 301);
}

#[test]
fn a_copy_that_says_more_than_the_own_entry_contradicts_it() {
    let near = |far: &str| {
        format!(
            "components:\n  a:\n    type: fastapi\n    attributes: {{namespace: a}}\n    links_to:\n      b: {{component: {{type: mysql, name: b, attributes: {far}}}}}\n  \
             b: {{type: mysql, attributes: {{namespace: b}}}}\n"
        )
    };
    assert!(read(&near("{namespace: b}"), None, None).is_ok());
    assert!(refused(&near("{namespace: b, port: \"9999\"}")).contains("`b` has no `port`, and its copy"));
    assert!(refused(&near("{namespace: elsewhere}")).contains("`namespace` of `b` differs"));
}

#[test]
fn components_in_two_places_are_refused_and_none_at_all_are_reported() {
    let both = "components: {a: {type: redis, attributes: {namespace: a}}}\ndefault_context: {components: {}}\n";
    assert!(refused(both).contains("at the top level and in `default_context`"));
    assert!(refused("default_context:\n  components:\n").contains("no `components`"));
    let empty = read("components: {}\n", None, Some(Level::PciDssStrict)).unwrap();
    assert!(finding_ids(&empty).contains(&"empty-stack"));
}

#[test]
fn one_true_says_that_a_component_is_external() {
    let text =
        "components:\n  a: {type: redis, is_external: true, attributes: {namespace: a, is_external: \"false\"}}\n";
    assert!(strict(text).stack.components[0].is_external);
}

#[test]
fn lines_may_end_with_a_carriage_return_and_a_line_feed() {
    let text = fixture_text("full-form.yaml");
    assert_eq!(strict(&text.replace('\n', "\r\n")).stack.components, strict(&text).stack.components);
}

#[test]
fn values_nest_up_to_a_limit() {
    let nested = |levels: usize| {
        let list = "[".repeat(levels) + &"]".repeat(levels);
        stack(&(component("a", "redis", "", &[]) + &format!("    other: {list}\n")))
    };
    assert!(read(&nested(40), None, None).is_ok());
    assert!(refused(&nested(70)).contains("nested too deep"));
}

#[test]
fn text_that_looks_like_components_is_text() {
    let literal = component("a", "redis", "", &[]) + "    note: |\n      fake:\n        type: redis\n";
    let quoted = component("a", "redis", "", &[]) + "    note: \"begins\n      fake:\n      ends\"\n";
    for components in [literal, quoted] {
        assert_eq!(strict(&stack(&components)).stack.components.len(), 1, "{components}");
    }
}

#[test]
fn in_a_large_stack_each_place_is_its_line() {
    let text = generator::stack(300, 5, 7).replacen("    c299:\n      group:", "    c299:\n      gruop:", 1);
    let line = 1 + text.lines().position(|line| line.trim_start().starts_with("gruop:")).unwrap();
    let snapshot = read(&text, None, None).unwrap();
    assert_eq!(snapshot.stack.components.len(), 300);
    let finding = snapshot.findings().into_iter().find(|finding| finding.id == "unknown-key").unwrap();
    assert_eq!(finding.r#where.unwrap().line as usize, line);
    let error = refused(&format!("{text}  configuration: [\n"));
    let last = text.lines().count() + 1;
    assert!(error.starts_with(&format!("stack.yaml:{last}:")), "{error}");
}
