//! An OAuth 2.1 resource server: takes JWTs that an authorization server signed for it, by the keys of a JWKS file, and
//! tells clients which authorization server that is (RFC 9728).

use std::{
    fmt,
    path::{Path, PathBuf},
};

use axum::http::Uri;
use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation, decode, decode_header,
    jwk::{AlgorithmParameters, Jwk, JwkSet, PublicKeyUse},
};
use netpol_reach::{InputError, Place};
use pci_engine::files::{self, Look};
use pci_stack::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::of_file::{OfFile, Unusable};

/// Signatures that are taken: by public keys alone. With a shared key, whoever can check a token can make one.
const TAKEN: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// By how many seconds clocks may differ.
const LEEWAY: u64 = 30;

/// The longest token that is looked at.
const LONGEST: usize = 8 << 10;

/// Where metadata stands, before the path of what it is about.
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// Whom to trust for tokens, and for what.
pub struct OAuth {
    issuer: String,
    audience: String,
    jwks: PathBuf,
    keys: Vec<Key>,
}

/// A key that tokens may be signed with.
struct Key {
    /// What tells it from others: the digest of what the JWKS says of it.
    digest: Digest,
    id: Option<String>,
    algorithm: Option<Algorithm>,
    checks: DecodingKey,
}

/// What a token says; all that lets its client in is checked before anybody sees it.
#[derive(Deserialize)]
struct Claims {
    exp: Value,
    #[serde(default)]
    sub: Value,
    /// Who was given the token (RFC 9068, 2.2).
    #[serde(default)]
    client_id: Value,
}

/// What of a JWT counts once its signature was checked.
#[derive(Clone)]
pub(in crate::mcp::http) struct Claim {
    /// A digest of the token's subject and client, or of the token where it names no subject.
    pub(super) holder: Digest,
    /// The digest of the key that the token was signed with.
    pub(super) key: Digest,
    /// Until when the token holds, leeway included, in seconds since 1970.
    pub(super) expires: u64,
}

/// What clients learn of this server (RFC 9728, section 2).
#[derive(Serialize)]
pub(super) struct Metadata {
    resource: String,
    authorization_servers: [String; 1],
    bearer_methods_supported: [&'static str; 1],
    resource_name: &'static str,
}

impl fmt::Debug for OAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth").field("issuer", &self.issuer).field("audience", &self.audience).finish_non_exhaustive()
    }
}

impl OAuth {
    /// Trusts tokens of `issuer` for `audience`, which is this server's own address, by the keys of the file `jwks`.
    ///
    /// # Errors
    ///
    /// The file can't be read, is no JWKS, or has no key by which a signature could be checked.
    pub fn of(issuer: &str, audience: &str, jwks: &Path) -> Result<Self, InputError> {
        let trusted = Self::by_keys_of(issuer, audience, jwks)?;
        if trusted.keys.is_empty() {
            let place = Place::whole(&jwks.display().to_string());
            let none = InputError::new(place, "no key in this JWKS can check a signature");
            return Err(none.help("RSA, EC and Ed25519 keys are taken"));
        }
        Ok(trusted)
    }

    /// The same, which lets nobody in if there is no such key: a JWKS without keys withdraws them all (RFC 7517, 5).
    fn by_keys_of(issuer: &str, audience: &str, jwks: &Path) -> Result<Self, Unusable> {
        let file = files::read_bytes(jwks).map_err(Unusable::File)?;
        // The error of the library is not told: it may quote the file.
        let set: JwkSet = serde_json::from_slice(&file.bytes).map_err(|error| {
            let place = Place {
                file: file.name.as_str().into(),
                line: u32::try_from(error.line()).unwrap_or(0),
                column: u32::try_from(error.column()).unwrap_or(0),
            };
            let error = InputError::new(place, "this is no JWKS").help("expected {\"keys\": [...]}, RFC 7517");
            Unusable::Content(error)
        })?;
        let keys: Vec<Key> = set.keys.iter().filter_map(Key::of).collect();
        Ok(Self { issuer: issuer.to_owned(), audience: audience.to_owned(), jwks: jwks.to_owned(), keys })
    }

    /// What counts of `token`, if it was signed by a key that is trusted, for this server, and still holds.
    pub(super) fn check(&self, token: &str) -> Option<Claim> {
        let header = Some(token).filter(|token| token.len() <= LONGEST).and_then(|token| decode_header(token).ok());
        let header = header.filter(is_understood)?;
        let mut validation = Validation::new(header.alg);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        let may_be = |key: &&Key| {
            key.algorithm.is_none_or(|algorithm| algorithm == header.alg)
                && (header.kid.is_none() || key.id == header.kid)
        };
        self.keys.iter().filter(may_be).find_map(|key| {
            let claims = decode::<Claims>(token, &key.checks, &validation).ok()?.claims;
            let holder = match claims.sub.as_str() {
                Some(subject) => format!("{}", serde_json::json!([subject, claims.client_id])),
                None => token.to_owned(),
            };
            Some(Claim {
                holder: Digest::of(holder.as_bytes()),
                key: key.digest,
                expires: seconds(&claims.exp).saturating_add(LEEWAY),
            })
        })
    }

    /// Whether the key of that `digest` is trusted.
    pub(super) fn trusts(&self, digest: &Digest) -> bool {
        self.keys.iter().any(|key| key.digest == *digest)
    }

    /// Origin and path of this server's own address.
    fn address(&self) -> (String, String) {
        let uri: Uri = self.audience.parse().unwrap_or_default();
        let origin = format!(
            "{}://{}",
            uri.scheme_str().unwrap_or("https"),
            uri.authority().map_or("", axum::http::uri::Authority::as_str)
        );
        (origin, uri.path().trim_end_matches('/').to_owned())
    }

    /// Where the metadata stands.
    pub(super) fn metadata_url(&self) -> String {
        let (origin, path) = self.address();
        format!("{origin}{WELL_KNOWN}{path}")
    }

    /// On which paths it is asked for: with the path of this server, and, of clients that know no better, without.
    pub(super) fn metadata_paths(&self) -> Vec<String> {
        let (_, path) = self.address();
        let mut paths = vec![WELL_KNOWN.to_owned(), format!("{WELL_KNOWN}/mcp")];
        let own = format!("{WELL_KNOWN}{path}");
        // A path with one of these would be a pattern.
        if !paths.contains(&own) && !own.contains(['{', '}', ':', '*']) {
            paths.push(own);
        }
        paths
    }

    pub(super) fn metadata(&self) -> Metadata {
        Metadata {
            resource: self.audience.clone(),
            authorization_servers: [self.issuer.clone()],
            bearer_methods_supported: ["header"],
            resource_name: "PCI DSS for Kubernetes stacks",
        }
    }
}

/// Whether a token with `header` is one that this server knows how to check: signed as is taken, of a type that is an
/// access token's, and with nothing in it that must be understood (RFC 7515, 4.1.11).
fn is_understood(header: &Header) -> bool {
    let is_access_token =
        |kind: &String| ["jwt", "at+jwt", "application/at+jwt"].contains(&kind.to_lowercase().as_str());
    TAKEN.contains(&header.alg) && header.crit.is_none() && header.typ.as_ref().is_none_or(is_access_token)
}

/// A `NumericDate` (RFC 7519, 2) in whole seconds. That it is one was checked with the signature.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
fn seconds(date: &Value) -> u64 {
    date.as_u64().unwrap_or_else(|| date.as_f64().map_or(0, |date| date as u64))
}

impl Key {
    /// The key of `jwk`, if signatures can be checked with it.
    fn of(jwk: &Jwk) -> Option<Self> {
        let is_for_signatures =
            jwk.common.public_key_use.as_ref().is_none_or(|r#use| *r#use == PublicKeyUse::Signature);
        let is_public = !matches!(jwk.algorithm, AlgorithmParameters::OctetKey(_));
        let stated = jwk.common.key_algorithm;
        let algorithm = stated.and_then(|algorithm| algorithm.to_string().parse().ok());
        let is_taken = stated.is_none() || algorithm.is_some_and(|algorithm| TAKEN.contains(&algorithm));
        let checks = DecodingKey::from_jwk(jwk).ok().filter(|_| is_for_signatures && is_public && is_taken)?;
        let digest = Digest::of(serde_json::to_string(jwk).ok()?.as_bytes());
        Some(Self { digest, id: jwk.common.key_id.clone(), algorithm, checks })
    }
}

impl OfFile for OAuth {
    fn read(&self) -> Result<Self, Unusable> {
        Self::by_keys_of(&self.issuer, &self.audience, &self.jwks)
    }

    fn closed(&self) -> Self {
        let (issuer, audience, jwks) = (self.issuer.clone(), self.audience.clone(), self.jwks.clone());
        Self { issuer, audience, jwks, keys: Vec::new() }
    }

    fn look(&self) -> Look {
        files::look(&self.jwks)
    }
}
