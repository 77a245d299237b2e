//! What the names of attributes say of secrets.

/// Last words that say only in which form a value stands.
const FORMS: [&str; 10] = ["value", "data", "base64", "b64", "pem", "text", "string", "raw", "plain", "digits"];

/// First words of switches and counts, which only speak of secrets.
const SWITCHES: [&str; 8] = ["enable", "use", "existing", "reset", "max", "min", "automount", "generate"];

/// Last words of secrets, whatever stands before them.
const ALWAYS: [&str; 9] =
    ["cred", "creds", "credential", "credentials", "passcode", "passwords", "pat", "pwd", "huggingface"];

/// Ends of last words that were written as one.
const ENDS: [&str; 9] = [
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "secretkey",
    "privatekey",
    "clientsecret",
    "accesstoken",
    "authtoken",
];

/// What stands before `secret` in the name of a Kubernetes object that holds one.
const OBJECTS: [&str; 15] = [
    "existing",
    "pull",
    "tls",
    "ssl",
    "ca",
    "cert",
    "certificate",
    "password",
    "credential",
    "credentials",
    "k8s",
    "kube",
    "kubernetes",
    "external",
    "backup",
];

/// What stands before `token` where it is a piece of text and no secret.
const PIECES: [&str; 7] = ["pad", "eos", "bos", "stop", "mask", "per", "max"];

/// What stands before `key` where it opens something. An access key without `secret` is an id.
const KEYS: [&str; 21] = [
    "secret",
    "private",
    "api",
    "auth",
    "tls",
    "ssl",
    "admin",
    "root",
    "account",
    "age",
    "encryption",
    "signing",
    "master",
    "jwt",
    "hmac",
    "session",
    "shared",
    "cookie",
    "fernet",
    "unseal",
    "recovery",
];

/// First words of what an administrator logs in with.
const ADMINISTRATORS: [&str; 5] = ["admin", "root", "superuser", "master", "administrator"];

/// The words of `name` in lower case, split at separators and where camel case does.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let chars: Vec<char> = name.chars().collect();
    for (index, c) in chars.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| chars[before]);
        // `adminPassword` and `APIKey`: an acronym ends before the capital of the next word.
        let follows_small = before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit());
        let is_next_small = chars.get(index + 1).is_some_and(|next| next.is_lowercase());
        let ends_acronym = before.is_some_and(char::is_uppercase) && is_next_small;
        if !c.is_alphanumeric() || (c.is_uppercase() && (follows_small || ends_acronym)) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether the attribute `name` holds a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let all = words(name);
    if all.first().is_none_or(|first| SWITCHES.contains(&first.as_str())) {
        return false;
    }
    let mut words: Vec<&str> = all.iter().map(String::as_str).collect();
    while let Some(last) = words.pop() {
        // `password2` is another password.
        let bare = last.trim_end_matches(|c: char| c.is_ascii_digit());
        if !FORMS.contains(&last) && !bare.is_empty() {
            return decides(bare, &words) || all.concat().ends_with("dockerconfigjson");
        }
    }
    false
}

/// Whether `last` is the last word of a secret's name, after the words `before`.
fn decides(last: &str, before: &[&str]) -> bool {
    let previous = before.last().copied().unwrap_or_default();
    let is_always = ALWAYS.contains(&last) || ENDS.iter().any(|end| last.ends_with(end));
    is_always
        || match last {
            "pass" => previous != "proxy",
            "secret" => !OBJECTS.contains(&previous),
            "token" => !PIECES.contains(&previous),
            "key" => KEYS.contains(&previous) || before.ends_with(&["secret", "access"]),
            "keys" => ["api", "private", "secret"].contains(&previous),
            "auth" => ["registry", "docker"].contains(&previous),
            "cookie" => previous == "erlang",
            _ => false,
        }
}

/// Whether an administrator logs in with what the attribute `name` holds.
pub(super) fn is_administrators(name: &str) -> bool {
    let words = words(name);
    let Some(first) = words.first() else { return false };
    ADMINISTRATORS.iter().any(|who| match first.strip_prefix(who) {
        Some("") => true,
        Some(rest) => ENDS.contains(&rest),
        None => false,
    })
}

/// Whether the attribute `name` is about fetching the stack's sources.
pub(super) fn is_of_git(name: &str) -> bool {
    words(name).first().is_some_and(|first| first == "git")
}

/// Whether the attribute `name` says who logs in: a user, or the id that goes with a key.
pub(crate) fn is_user(name: &str) -> bool {
    let words = words(name);
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [.., "user" | "username" | "login"] | [.., "key" | "client", "id"] => true,
        [before @ .., "access", "key"] => before.last() != Some(&"secret"),
        _ => false,
    }
}
