//! A canary in a place for secrets never comes out.

use netpol_reach::yaml;
use serde_json::Value;

/// What stands for a secret. Not a word that could be a key, so that no error may name it either.
pub const CANARY: &str = "H7sh-Canary-9f2E";

/// Names of attributes that hold secrets, in every component type and in none.
const SECRET: [&str; 6] = ["password", "client_secret", "root_password", "api_key", "access_key", "unheard_of"];

/// Whether nothing made of the stack `text` may hold the canary: wherever it stands, it is the value of a secret among
/// attributes, or no part of any value. A name may be anything, and is shown. Of what is no YAML nothing is.
pub fn must_stay(text: &str) -> bool {
    if !text.contains(CANARY) {
        return false;
    }
    yaml::read::<Value>("any.yaml", text).is_ok_and(|value| is_kept(&value, "", ""))
}

fn is_kept(value: &Value, key: &str, above: &str) -> bool {
    match value {
        Value::String(text) => !text.contains(CANARY) || (SECRET.contains(&key) && above == "attributes"),
        Value::Array(list) => list.iter().all(|one| is_kept(one, "", "")),
        Value::Object(fields) => fields.iter().all(|(own, one)| !own.contains(CANARY) && is_kept(one, own, key)),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Holds that `output` does not hold the canary.
pub fn hold(output: &str) {
    assert!(!output.contains(CANARY), "a secret came out");
}
