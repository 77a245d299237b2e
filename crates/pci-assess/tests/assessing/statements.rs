//! What people state: how long it holds, what it can't hide, and who may not state it.

use pci_assess::{Disposition, Technical};
use pci_engine::{Snapshot, Source, Sources};
use pci_fixtures::demo_sources;
use pci_stack::catalog::Profile;

use super::{control, day, demo_with_profile};

/// The demo's stack with an attestation of `id` with these fields, held against `as_of`.
fn attested(id: &str, fields: &str, as_of: Option<&str>) -> Snapshot {
    let profile = format!("attestations:\n  - {{control: \"{id}\", who: audit, {fields}}}\n");
    let profile = Some(Source { name: "profile.yaml", text: &profile });
    Snapshot::read(Sources { profile, as_of: as_of.map(day), ..demo_sources() }).unwrap()
}

fn disposition(id: &str, fields: &str, as_of: &str) -> Disposition {
    control(&attested(id, fields, Some(as_of)), id).disposition
}

/// `attested` up to and with `last`, and open the day after, `next`.
fn lasts(id: &str, fields: &str, last: &str, next: &str) {
    assert_eq!(disposition(id, fields, last), Disposition::Attested, "{id} on {last}");
    assert_eq!(disposition(id, fields, next), Disposition::Open, "{id} on {next}");
}

#[test]
fn an_attestation_holds_twelve_months() {
    lasts("1.1.1", "date: 2025-03-10", "2026-03-10", "2026-03-11");
    // A year without that day ends with its last.
    lasts("1.1.1", "date: 2024-02-29", "2025-02-28", "2025-03-01");
}

#[test]
fn or_as_long_as_its_control_is_due_again() {
    // Every six months, every three, and every three or on change.
    lasts("1.2.7", "date: 2025-08-31", "2026-02-28", "2026-03-01");
    lasts("11.2.1", "date: 2025-12-01", "2026-03-01", "2026-03-02");
    lasts("11.3.2", "date: 2025-12-01", "2026-03-01", "2026-03-02");
}

#[test]
fn the_period_of_an_activity_does_not_shorten_it() {
    let demo = super::demo();
    let period = |cadence: &str| ["1d", "7d", "90d-limit", "retain-3m", "hire+12m"].contains(&cadence);
    let mut tried = 0;
    for control in demo.tables().controls.iter().filter(|one| one.cadence.as_deref().is_some_and(period)) {
        let snapshot = attested(&control.id.to_string(), "date: 2025-03-10, last_done: 2026-01-01", Some("2026-03-10"));
        let result = super::control(&snapshot, &control.id.to_string());
        let statement = &result.statements[0];
        assert_eq!(statement.refused, None, "{} {:?}", control.id, control.cadence);
        assert_eq!(statement.last_done, Some(day("2026-01-01")));
        tried += 1;
    }
    assert!(tried > 4);
}

#[test]
fn an_analysis_of_risk_sets_its_own_period_and_has_to_be_named() {
    let fields = "date: 2025-12-01, interval: 2, interval_reference: TRA-7";
    lasts("5.2.3.1", fields, "2026-02-01", "2026-02-02");
    let refused = |fields: &str| {
        let text = format!("attestations:\n  - {{control: 5.2.3.1, who: audit, date: 2026-01-01{fields}}}\n");
        let profile = Some(Source { name: "profile.yaml", text: &text });
        Snapshot::read(Sources { profile, ..demo_sources() }).map(drop).unwrap_err().to_string()
    };
    assert!(refused("").contains("`interval` is missing"), "{}", refused(""));
    assert!(refused(", interval: 6").contains("names no targeted risk analysis"));
    assert!(refused(", interval: 13, interval_reference: TRA-7").contains("not 1 to 12 months"));
    assert!(refused(", interval: 0, interval_reference: TRA-7").contains("not 1 to 12 months"));
    let all = super::demo();
    let needing: Vec<String> =
        all.tables().controls.iter().filter(|one| one.needs_interval()).map(|one| one.id.to_string()).collect();
    assert_eq!(needing.len(), 8, "{needing:?}");
}

#[test]
fn what_is_due_on_change_lapses_with_the_stack_that_it_was_given_for() {
    let digest = super::demo().inputs.stack.to_string();
    let demo = super::demo();
    let on_change = demo.tables().controls.iter().filter(|one| {
        one.class == pci_assess::controls::Class::Manual
            && one.cadence.as_deref().is_some_and(|cadence| cadence.contains("on-change"))
    });
    let mut tried = 0;
    for one in on_change {
        let id = one.id.to_string();
        let at =
            |digest: &str| disposition(&id, &format!("date: 2026-02-01, stack_digest: \"{digest}\""), "2026-03-01");
        assert_eq!(at(&digest), Disposition::Attested, "{id}");
        assert_eq!(at(&format!("sha256:{digest}")), Disposition::Attested, "{id}");
        assert_eq!(at(&"0".repeat(64)), Disposition::Open, "{id}");
        assert_eq!(disposition(&id, "date: 2026-02-01", "2026-03-01"), Disposition::Attested, "{id}");
        tried += 1;
    }
    assert!(tried > 5, "{tried}");
    // Of another, which stack it was given for does not matter.
    let other = format!("date: 2026-02-01, stack_digest: \"{}\"", "0".repeat(64));
    assert_eq!(disposition("1.1.1", &other, "2026-03-01"), Disposition::Attested);
}

#[test]
fn what_is_dated_after_the_day_does_not_count_yet() {
    lasts("1.1.1", "date: 2026-02-28", "2026-02-28", "2026-02-27");
}

#[test]
fn without_a_day_none_counts_and_all_are_listed() {
    let snapshot = attested("1.1.1", "date: 2026-02-28", None);
    let result = control(&snapshot, "1.1.1");
    assert_eq!(result.disposition, Disposition::Open);
    assert!(result.statements[0].refused.as_ref().unwrap().starts_with("date not given"));
    let finding = snapshot.findings().into_iter().find(|one| one.id == "attestation-lapsed").unwrap();
    assert!(finding.message.contains("date not given") && finding.r#where.is_some());
    assert_eq!(super::demo().assessment().results.iter().map(|one| one.statements.len()).sum::<usize>(), 7);
}

/// Statements about 1.3.2, which the demo disproves, and 6.4.2, likewise.
const OF_GAPS: &str = "attestations: [{control: 1.3.2, who: audit, date: 2026-02-01}]\n\
                       inherited: [{control: 2.2.2, from: the platform, date: 2026-02-01}]\n\
                       not_applicable: [{control: 2.2.7, reason: nobody logs in, approver: the board, date: 2026-02-01}]\n";

#[test]
fn no_statement_hides_what_the_stack_disproves() {
    let profile = edited_profile(OF_GAPS);
    let snapshot = demo_with_profile(&profile);
    for (id, said) in [
        ("1.3.2", "attested by audit"),
        ("2.2.2", "inherited from the platform"),
        ("2.2.7", "said not to apply by the board"),
    ] {
        let result = control(&snapshot, id);
        assert_eq!((result.technical, result.disposition), (Technical::Gap, Disposition::Open), "{id}");
        assert!(result.is_contradicted() && result.is_gap());
        let findings = snapshot.findings().into_iter().filter(|one| one.id == "contradicted-by-proof");
        let finding = findings.into_iter().find(|one| one.message.starts_with(&format!("{id} is "))).unwrap();
        assert!(finding.message.contains(said), "{}", finding.message);
        assert!(finding.message.contains(&*result.missing[0].what), "{}", finding.message);
        let line = super::line_of(&profile, &format!("control: {id}"));
        assert_eq!(finding.r#where.unwrap().line, line);
    }
}

/// `statements` and the account data of the demo.
fn edited_profile(statements: &str) -> String {
    format!("{statements}account_data: {{components: {{store: [ledger], transmit: [acquirer-connector]}}}}\n")
}

#[test]
fn a_statement_that_nothing_disproves_counts() {
    let row = "inherited: [{control: 12.8.1, from: the platform, date: 2026-02-01}]\n";
    assert_eq!(control(&demo_with_profile(row), "12.8.1").disposition, Disposition::Inherited);
}

#[test]
fn nobody_vouches_by_a_placeholder() {
    let names = ["TODO", "tbd", "-", "Default Value"];
    for who in names {
        let of = |profile: &str| {
            let snapshot = demo_with_profile(profile);
            let result = control(&snapshot, "12.8.1");
            assert!(result.statements[0].refused.is_some(), "{profile}");
            let mut findings = snapshot.findings().into_iter();
            assert!(
                findings.any(|one| one.id == "statement-says-nothing" && one.message.contains("12.8.1")),
                "{profile}"
            );
            result.disposition
        };
        let attested = format!("attestations: [{{control: 12.8.1, who: \"{who}\", date: 2026-02-01}}]\n");
        let inherited = format!("inherited: [{{control: 12.8.1, from: \"{who}\", date: 2026-02-01}}]\n");
        let row = |reason: &str, approver: &str| {
            format!(
                "not_applicable: [{{control: 12.8.1, reason: \"{reason}\", approver: \"{approver}\", date: 2026-02-01}}]\n"
            )
        };
        for profile in [attested, inherited, row(who, "the board"), row("no third party", who)] {
            assert_eq!(of(&profile), Disposition::Open, "{profile}");
        }
    }
}

#[test]
fn a_plugin_that_enforces_nothing_makes_every_network_control_a_gap() {
    for cni in ["flannel", "Flannel", "none"] {
        let snapshot = demo_with_profile(&format!("cluster: {{cni: {cni}}}\n"));
        for (one, result) in snapshot.assessment().iter() {
            if one.class == pci_assess::controls::Class::Network {
                assert_eq!(result.technical, Technical::Gap, "{cni} {}", one.id);
                assert!(result.missing[0].what.contains("enforces no NetworkPolicy"), "{:?}", result.missing[0]);
            }
        }
    }
    let unknown = demo_with_profile("cluster: {cni: homemade}\n");
    assert!(control(&unknown, "1.4.2").technical.half_points() > 0);
    assert!(control(&unknown, "1.4.2").conditional_on.iter().any(|one| format!("{one:?}") == "CniEnforces"));
}

#[test]
fn what_another_control_has_taken_the_place_of_is_superseded_whatever_is_said_of_it() {
    let said = "attestations: [{control: 6.4.1, who: audit, date: 2026-02-01}]\nentity: merchant\n";
    for profile in [said, "{}"] {
        let snapshot = demo_with_profile(profile);
        let of = |(_, one): &(_, &pci_assess::ControlResult)| one.disposition == Disposition::Superseded;
        let superseded: Vec<String> =
            snapshot.assessment().iter().filter(of).map(|(one, _)| one.id.to_string()).collect();
        assert_eq!(superseded, ["6.4.1", "8.3.10", "10.7.1"]);
        assert_eq!(snapshot.assessment().numbers.superseded, 3);
    }
}

#[test]
fn the_customized_approach_is_refused_where_it_is_closed() {
    let demo = super::demo();
    let controls = &demo.tables().controls;
    let mut closed = Vec::new();
    for one in controls.iter() {
        let interval = if one.needs_interval() { ", interval: 6, interval_reference: T" } else { "" };
        let of = |approach: &str| {
            let row = format!(
                "attestations: [{{control: {}, who: a, date: 2026-01-01, approach: {approach}{interval}}}]",
                one.id
            );
            controls.check_statements(&Profile::read("profile.yaml", &row).unwrap())
        };
        assert!(of("defined").is_ok() && of("compensating").is_ok(), "{}", one.id);
        if let Err(error) = of("customized") {
            assert!(error.to_string().contains("is closed to the customized approach"), "{error}");
            closed.push(one.id.to_string());
        }
    }
    assert_eq!(closed.len(), 7, "{closed:?}");
}
