//! What can't be read, and what is said of it.

use pci_ask::resources::{self, ResourceError};
use pci_compliance::shipped::PAGE;
use pci_engine::fleet::Fleet;
use pci_fixtures::{component, read, stack};
use pci_stack::{Level, Watch};

use super::{DEMO, fields, refused};

#[test]
fn what_is_not_there_is_refused_with_what_there_is() {
    for (uri, expected) in [
        ("pci://payments-shopp/report", "no stack `payments-shopp`; did you mean `payments-shop`?"),
        ("pci://payments-shop/reprot", "did you mean `report`?"),
        ("pci://payments-shop", "there are `pci://stacks`, `pci://{stack}/report`"),
        ("pci://payments-shop/requirement/13", "there are `1`, `2`"),
        ("pci://payments-shop/requirement/08", "no requirement `08`"),
        ("pci://payments-shop/requirement/8/1", "read at `pci://{stack}/requirement/{requirement}`"),
        ("pci://payments-shop/control/8.3.66", "did you mean `8.3.6`?"),
        ("pci://payments-shop/policy/ledger", "read at `pci://{stack}/policy/{namespace}/{name}`"),
        ("pci://payments-shop/policy/legder/x", "did you mean `ledger`?"),
        ("pci://payments-shop/policy/ledger/ledger--default-deny--ingres", "no policy of `ledger`"),
        ("pci://payments-shop/policy/ledger%2Fx", "read at `pci://{stack}/policy/{namespace}/{name}`"),
        ("pci://payments-shop/component/legder", "did you mean `ledger`?"),
        ("pci://payments-shop/component/cards", "did you mean `card-vault`?"),
        ("pci://payments-shop/report?x=1", "did you mean `report`?"),
        ("pci://payments-shop/component/a%4", "two hexadecimal digits follow a `%`; the character itself is `%25`"),
        ("pci://payments-shop/component/a%+4", "two hexadecimal digits follow a `%`; the character itself is `%25`"),
        ("pci://payments-shop/component/a%%41", "two hexadecimal digits follow a `%`; the character itself is `%25`"),
        ("pci://payments-shop/component/%ff", "what `%` encodes is no UTF-8"),
        ("pci://payments-shop//report", "nothing stands before or after a `/`"),
        ("https://payments-shop/report", "begins with `pci://`"),
        ("file:///etc/passwd", "begins with `pci://`"),
        ("", "begins with `pci://`"),
    ] {
        let what = refused(&DEMO, uri);
        assert!(what.contains(expected), "{uri}: {what}");
    }
}

#[test]
fn a_uri_that_no_name_could_make_is_refused_and_not_echoed_raw() {
    let long = format!("pci://payments-shop/component/{}", "x".repeat(100_000));
    for uri in [
        "pci://payments-shop/component/..",
        "pci://payments-shop/component/../../etc/passwd",
        "pci://payments-shop/component/%2E%2E%2Fx",
        "pci://payments-shop/component/..%2F..%2Fetc%2Fpasswd",
        "pci://payments-shop//report",
        "pci:///report",
        "pci://",
        "pci://payments-shop/component/",
        "pci://payments-shop/component/%00",
        "pci://payments-shop/component/a%1b[31mred",
        "pci://payments-shop/component/a\u{1b}[31mred",
        "pci://payments-shop/component/%E2%80%AEabc",
        "pci://payments-shop/component/\u{202e}abc",
        "pci://payments-shop/component/%",
        "pci://payments-shop/component/%zz",
        "pci://payments-shop/component/%ff%fe",
        "pci://\u{0}/report",
        &long,
    ] {
        let what = refused(&DEMO, uri);
        assert!(what.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{what:?}");
        assert!(what.chars().count() < 2_000, "{} characters", what.len());
    }
}

#[test]
fn below_strict_there_is_no_report_and_without_a_level_nothing_is_generated() {
    let text = stack(&component("a", "redis", "", &[]));
    let fleet = |level| Fleet::of_one(read(&text, None, level));
    let uris = |fleet: &Fleet| resources::list(fleet).into_iter().map(|one| one.uri).skip(2).collect::<Vec<_>>();
    let level = |fleet: &Fleet, uri: &str| match resources::read(fleet, PAGE, uri, &Watch::patient()) {
        Err(ResourceError::Level(what)) => what,
        other => panic!("{uri}: {other:?}"),
    };
    let standard = fleet(Some(Level::Standard));
    assert_eq!(uris(&standard), ["pci://small/manifest", "pci://small/diagram", "pci://small/map"]);
    assert!(level(&standard, "pci://small/report").contains("`standard`"));
    let none = fleet(Some(Level::None));
    assert_eq!(uris(&none), ["pci://small/manifest", "pci://small/map"]);
    assert!(level(&none, "pci://small/diagram").contains("everything may talk to everything"));
    assert!(fields(&none, "pci://small/component/a")["note"].as_str().unwrap().contains("nothing restricts"));
    let unset = fleet(None);
    assert_eq!(uris(&unset), ["pci://small/map"]);
    for kind in ["manifest", "diagram", "policy/a/b"] {
        assert!(level(&unset, &format!("pci://small/{kind}")).contains("`microsegmentation_level`"), "{kind}");
    }
    assert!(level(&unset, "pci://small/report").contains("not set"));
    for listed in [standard, none, unset] {
        assert!(
            resources::list(&listed)
                .iter()
                .all(|one| resources::read(&listed, PAGE, &one.uri, &Watch::patient()).is_ok())
        );
    }
}

#[test]
fn the_error_of_the_only_stack_is_the_answer_whatever_is_asked_of_it() {
    let fleet = Fleet::of_one(read("components: [", None, None));
    assert_eq!(resources::list(&fleet).len(), 2, "the list of stacks and the page");
    assert_eq!(fields(&fleet, "pci://stacks")["unreadable"][0]["where"]["line"], 1);
    let error = resources::read(&fleet, PAGE, "pci://anything/report", &Watch::patient()).unwrap_err();
    assert!(error.to_string().starts_with("stack.yaml:1:"), "{error}");
}
