//! The three numbers of the demo, by hand and by a second formula, and that parts add up to the whole.

use pci_assess::{Disposition, Numbers, Status, Technical, controls::Class};
use pci_engine::{Snapshot, Sources};
use pci_fixtures::{demo_sources, read, stack};
use pci_stack::Level;
use serde_json::{Value, json};

use super::{after_all, ask, attestations, demo, demo_on_its_day};

/// What a scenario is to come to.
struct Expected {
    /// The controls that apply and that a stack can show, by what it shows: evidenced, supported, partial, gap,
    /// unknown.
    technical: [u32; 5],
    points: f64,
    technical_percent: f64,
    /// Attested and inherited, of what applies.
    completion: (u32, u32),
    completion_percent: f64,
    /// Manual and open, not applicable.
    others: (u32, u32),
}

fn without_profile() -> Snapshot {
    Snapshot::read(Sources { profile: None, ..demo_sources() }).unwrap()
}

fn with_everybodys_word() -> Snapshot {
    let demo = demo_on_its_day();
    let given = attestations(&demo, |result| result.technical == Technical::Manual);
    assert_eq!(given.len(), 143);
    after_all(&demo, &given)
}

fn scenarios() -> [(&'static str, Snapshot, Expected); 4] {
    // 5 + 1 + 10 × ½ = 11 of 101.
    let with_profile = || Expected {
        technical: [5, 1, 10, 11, 74],
        points: 11.0,
        technical_percent: 10.9,
        completion: (1, 230),
        completion_percent: 0.4,
        others: (128, 17),
    };
    [
        // 3 + 3 × ½ = 4.5 of 104: without an entity, everything but what is superseded applies.
        (
            "without profile",
            without_profile(),
            Expected {
                technical: [3, 0, 3, 11, 87],
                points: 4.5,
                technical_percent: 4.3,
                completion: (0, 247),
                completion_percent: 0.0,
                others: (143, 0),
            },
        ),
        // A merchant: 231, less 9.5.1. Inherited is 9.2.1; 230 − 101 manual ones, less that.
        ("with profile", demo(), with_profile()),
        // The five attestations count.
        (
            "with profile, on a day",
            demo_on_its_day(),
            Expected { completion: (6, 230), completion_percent: 2.6, others: (123, 17), ..with_profile() },
        ),
        // All 129 manual ones that apply, 9.2.1 among them; nothing technical changes.
        (
            "with everybody's word",
            with_everybodys_word(),
            Expected { completion: (129, 230), completion_percent: 56.1, others: (0, 17), ..with_profile() },
        ),
    ]
}

fn ids(snapshot: &Snapshot, technical: Technical) -> Vec<String> {
    let results = snapshot.assessment().results.iter();
    results.filter(|one| one.applies() && one.technical == technical).map(|one| one.id.to_string()).collect()
}

#[test]
fn the_demos_numbers_are_those_of_the_table() {
    for (name, snapshot, expected) in scenarios() {
        let fields = serde_json::to_value(&snapshot.assessment().numbers).unwrap();
        let counted =
            [Technical::Evidenced, Technical::Supported, Technical::Partial, Technical::Gap, Technical::Unknown]
                .map(|technical| u32::try_from(ids(&snapshot, technical).len()).unwrap());
        assert_eq!(counted, expected.technical, "{name}");
        let [evidenced, supported, partial, _, unknown] = expected.technical;
        assert_eq!(
            json!(f64::from(evidenced + supported) + f64::from(partial) / 2.0),
            json!(expected.points),
            "{name}"
        );
        assert_eq!(fields["technical_points"], json!(expected.points), "{name}");
        assert_eq!(fields["technical_total"], json!(expected.technical.iter().sum::<u32>()), "{name}");
        assert_eq!(fields["technical_evidence_percent"], json!(expected.technical_percent), "{name}");
        assert_eq!(fields["unknown"], json!(unknown), "{name}");
        let done = (&fields["completion_done"], &fields["completion_total"]);
        assert_eq!(done, (&json!(expected.completion.0), &json!(expected.completion.1)), "{name}");
        assert_eq!(fields["completion_percent"], json!(expected.completion_percent), "{name}");
        let others = (&fields["manual"], &fields["not_applicable"]);
        assert_eq!(others, (&json!(expected.others.0), &json!(expected.others.1)), "{name}");
        assert_eq!((&fields["controls_total"], &fields["superseded"]), (&json!(250), &json!(3)), "{name}");
    }
}

#[test]
fn these_are_the_controls_that_the_demo_earns_its_points_with() {
    let demo = demo();
    assert_eq!(ids(&demo, Technical::Evidenced), ["1.2.3", "1.3.1", "1.4.1", "1.4.2", "1.4.4"]);
    assert_eq!(ids(&demo, Technical::Supported), ["1.2.4"]);
    let partial = ["1.2.1", "1.2.5", "2.2.6", "3.5.1", "3.5.1.2", "5.3.4", "7.2.6", "8.2.8", "8.3.4", "8.4.1"];
    assert_eq!(ids(&demo, Technical::Partial), partial);
    let gaps = ["1.2.2", "1.2.8", "1.3.2", "2.2.2", "2.2.3", "2.2.7", "6.4.2", "7.2.5", "8.6.2", "10.2.1", "10.3.3"];
    assert_eq!(ids(&demo, Technical::Gap), gaps);
}

/// The numbers by another way: a percentage by long division, counts by filters.
fn recomputed(snapshot: &Snapshot) -> Value {
    let rows: Vec<(Class, Technical, Disposition)> =
        snapshot.assessment().iter().map(|(control, one)| (control.class, one.technical, one.disposition)).collect();
    let out = [Disposition::NotApplicable, Disposition::Superseded];
    let left: Vec<_> = rows.iter().filter(|(.., disposition)| !out.contains(disposition)).collect();
    let done = left.iter().filter(|(.., by)| [Disposition::Attested, Disposition::Inherited].contains(by)).count();
    let shown: Vec<_> = left.iter().filter(|(class, ..)| *class != Class::Manual).collect();
    let halves: usize = shown
        .iter()
        .map(|(_, technical, _)| match technical {
            Technical::Evidenced | Technical::Supported => 2,
            Technical::Partial => 1,
            _ => 0,
        })
        .sum();
    let percent = |part: usize, whole: usize| {
        let (tenths, rest) = (part * 1000 / whole, part * 1000 % whole);
        let tenths = if rest * 2 >= whole { tenths + 1 } else { tenths };
        json!(format!("{}.{}", tenths / 10, tenths % 10).parse::<f64>().unwrap())
    };
    let open =
        |class| left.iter().filter(|(of, _, by)| *by == Disposition::Open && (*of == Class::Manual) == class).count();
    json!({
        "completion": [done, left.len(), percent(done, left.len())],
        "technical": [f64::from(u32::try_from(halves).unwrap()) / 2.0, shown.len(), percent(halves, shown.len() * 2)],
        "unknown": shown.iter().filter(|(_, technical, _)| *technical == Technical::Unknown).count(),
        "manual": open(true),
        "open": open(true) + open(false),
        "out": rows.len() - left.len(),
    })
}

#[test]
fn a_second_formula_comes_to_the_same_numbers() {
    for (name, snapshot, _) in scenarios() {
        let numbers = &snapshot.assessment().numbers;
        let answered = json!({
            "completion": [numbers.completion_done, numbers.completion_total, numbers.completion_percent],
            "technical": [numbers.technical_points, numbers.technical_total, numbers.technical_evidence_percent],
            "unknown": numbers.unknown,
            "manual": numbers.manual,
            "open": numbers.open,
            "out": numbers.not_applicable + numbers.superseded,
        });
        assert_eq!(answered, recomputed(&snapshot), "{name}");
        assert_eq!(numbers.by_status.values().sum::<u32>(), 250, "{name}");
    }
}

/// Points and counts, percentages aside.
fn counts(numbers: &Numbers) -> Vec<u32> {
    let mut counts = vec![
        numbers.controls_total,
        numbers.completion_done,
        numbers.completion_total,
        numbers.technical_points.0,
        numbers.technical_total,
        numbers.unknown,
        numbers.manual,
        numbers.open,
        numbers.not_applicable,
        numbers.inherited,
        numbers.superseded,
    ];
    counts.extend(Status::ALL.map(|status| numbers.by_status.get(&status).copied().unwrap_or(0)));
    counts
}

fn sum(parts: impl Iterator<Item = Vec<u32>>) -> Vec<u32> {
    parts.reduce(|sum, part| sum.iter().zip(part).map(|(one, other)| one + other).collect()).unwrap()
}

#[test]
fn points_and_totals_of_requirements_and_of_milestones_add_up_to_the_whole() {
    for (name, snapshot, _) in scenarios() {
        let assessment = snapshot.assessment();
        let whole = counts(&assessment.numbers);
        let of_requirement = |number| counts(&assessment.numbers_of(|control| control.id.requirement() == number));
        assert_eq!(sum((1..=12).map(of_requirement)), whole, "{name}");
        let of_milestone = |number| counts(&assessment.numbers_of(|control| control.milestone == number));
        assert_eq!(sum((1..=6).map(of_milestone)), whole, "{name}");
        let fields = ask(snapshot, "overview", json!({})).fields;
        for rows in ["requirements", "milestones"] {
            for (part, total) in [
                ("total", "controls_total"),
                ("technical_points", "technical_points"),
                ("technical_total", "technical_total"),
                ("completion_done", "completion_done"),
                ("completion_total", "completion_total"),
            ] {
                let rows = fields[rows].as_array().unwrap();
                let sum: f64 = rows.iter().map(|row| row[part].as_f64().unwrap()).sum();
                assert_eq!(Some(sum), fields[total].as_f64(), "{name}: {part}");
            }
        }
    }
}

#[test]
fn the_controls_of_requirements_and_milestones_are_as_many_as_the_standard_has() {
    let fields = ask(demo(), "overview", json!({})).fields;
    let totals = |rows: &str| -> Vec<u64> {
        fields[rows].as_array().unwrap().iter().map(|row| row["total"].as_u64().unwrap()).collect()
    };
    assert_eq!(totals("requirements"), [19, 11, 29, 6, 13, 19, 12, 29, 27, 27, 21, 37]);
    assert_eq!(totals("milestones"), [13, 105, 14, 43, 32, 43]);
}

#[test]
fn of_an_empty_stack_nothing_is_shown_and_nothing_answered_for() {
    let empty = stack("").replace("components:", "components: {}");
    for level in [None, Some(Level::None), Some(Level::Standard), Some(Level::PciDssStrict)] {
        for profile in
            [None, Some("{}"), Some("entity: merchant\n"), Some("account_data: {components: {store: [x]}}\n")]
        {
            let snapshot = read(&empty, profile, level).unwrap();
            let numbers = &snapshot.assessment().numbers;
            assert_eq!((numbers.technical_points.0, numbers.completion_done), (0, 0), "{level:?} {profile:?}");
            for status in [Status::Evidenced, Status::Supported, Status::Partial, Status::Attested, Status::Inherited] {
                assert_eq!(numbers.by_status.get(&status), None, "{level:?} {profile:?}");
            }
            let fields = serde_json::to_value(numbers).unwrap();
            assert_eq!(fields["technical_evidence_percent"], json!(0.0));
        }
    }
}

#[test]
fn an_empty_stack_earns_nothing_by_the_demos_profile_and_exceptions_either() {
    let stack = pci_engine::Source {
        name: "stack.yaml",
        text: "components: {}\nconfiguration: {system_name: empty, microsegmentation_level: pci_dss_strict}\n",
    };
    let snapshot = Snapshot::read(Sources { stack, ..demo_sources() }).unwrap();
    let numbers = &snapshot.assessment().numbers;
    assert_eq!((numbers.technical_points.0, numbers.technical_total), (0, 101));
}

#[test]
fn percentages_have_one_decimal_and_are_rounded_half_up() {
    let demo = demo();
    let assessment = demo.assessment();
    // One evidenced control and fifteen unknown ones: 6.25 %. One partial one and two: 16.66 %.
    let of = |shown: &str, technical: Technical, others: usize| {
        let unknown: Vec<_> = assessment
            .results
            .iter()
            .filter(|one| one.applies() && one.technical == Technical::Unknown)
            .take(others)
            .map(|one| one.id.to_string())
            .collect();
        assert_eq!((super::technical(&demo, shown), unknown.len()), (technical, others));
        let numbers = assessment.numbers_of(|control| {
            let id = control.id.to_string();
            id == shown || unknown.contains(&id)
        });
        numbers.technical_evidence_percent.unwrap().to_string()
    };
    assert_eq!(of("1.2.3", Technical::Evidenced, 15), "6.3");
    assert_eq!(of("1.2.1", Technical::Partial, 7), "6.3");
    assert_eq!(of("1.2.1", Technical::Partial, 2), "16.7");
    assert_eq!(of("1.2.3", Technical::Evidenced, 2), "33.3");
    assert_eq!(of("1.2.3", Technical::Evidenced, 0), "100.0");
    assert_eq!(of("1.2.1", Technical::Partial, 0), "50.0");
}

#[test]
fn nothing_of_nothing_is_no_percentage() {
    let demo = demo();
    let fields = serde_json::to_value(demo.assessment().numbers_of(|_| false)).unwrap();
    assert_eq!((&fields["completion_total"], &fields["technical_total"]), (&json!(0), &json!(0)));
    assert!(fields.get("completion_percent").is_none() && fields.get("technical_evidence_percent").is_none());
    // Of requirement 9 a stack can show two controls.
    let row =
        |id| format!("  - {{control: {id}, reason: no backups hold it, approver: the board, date: 2026-01-01}}\n");
    let profile = format!("not_applicable:\n{}{}", row("9.4.1.1"), row("9.4.7"));
    let reply = ask(super::demo_with_profile(&profile), "requirement", json!({"requirement": 9}));
    assert_eq!(reply.fields["technical_total"], json!(0));
    assert!(reply.fields.get("technical_evidence_percent").is_none(), "{}", reply.fields);
    assert!(reply.text.contains("Technical evidence: nothing applicable") && !reply.text.contains("100"));
}
