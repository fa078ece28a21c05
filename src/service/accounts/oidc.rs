//! Signing in at an OpenID provider (OpenID Connect Core 1.0): code flow with PKCE, state and nonce bound to one browser.
//!
//! State, nonce and PKCE verifier are derived from one secret in a short-lived cookie; the store keeps its hash until the
//! way back is taken, so that it is taken once, on whichever node. Invariants: the ID token's signature, issuer,
//! audience, end and nonce hold; an account is found by the provider's subject alone, never by a name that its bearer
//! may choose there; nobody becomes an administrator by the provider's word.

use super::audit::Mark;
use super::throttle::Tries;
use super::{Account, NewSession, from_record, secret, to_record};
use crate::domain::{Act, DivisionCode, LoginName, OidcRefusal, Role};
use crate::service::{App, Error, token};
use crate::store::{Expected, RecordKind};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::BoxFuture;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AsyncHttpClient, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenClaims,
    IdTokenFields, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse,
    StandardTokenResponse, TokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long somebody may take at the provider.
pub const WITHIN: TimeDelta = TimeDelta::minutes(10);

/// Longest wait for an answer of the provider.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Largest answer of the provider, bytes.
const ANSWER_MAX: usize = 1024 * 1024;

/// Departures from one address before they are slowed down.
const FREE_DEPARTURES: u32 = 100;

/// Signatures that are taken. None of them can be made with the client's own secret.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A provider, as it was named at the start.
#[derive(Debug, Clone)]
pub struct Config {
    /// Its address; https, or the machine itself.
    pub issuer: String,
    /// Name of this service there.
    pub client_id: String,
    /// Secret of this service there; a public client has none.
    pub client_secret: Option<String>,
    /// What the button says.
    pub label: String,
    /// Claim that names the role of somebody who has no account yet; without one nobody gets an account by himself.
    pub role_claim: Option<String>,
    /// Address of the way back, where it can not be told from the request.
    pub redirect: Option<String>,
}

/// A provider that can be asked.
pub(super) struct Provider {
    config: Config,
    issuer: IssuerUrl,
    http: Http,
}

/// Somebody on the way to the provider.
#[derive(Debug, Clone)]
pub struct Departure {
    /// Where to.
    pub url: String,
    /// For the cookie of this browser alone.
    pub secret: String,
}

/// Somebody who came back.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Secret of the cookie.
    pub secret: String,
    /// State, as it came back.
    pub state: String,
    /// Code to be exchanged.
    pub code: String,
    /// Address of the client.
    pub address: String,
}

/// Why somebody who came back is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// He is told the word.
    #[error("{}", .0.en())]
    Refused(OidcRefusal),
    /// Something else failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// What is kept of somebody on the way.
#[derive(Debug, Serialize, Deserialize)]
struct Pending {
    purpose: String,
    expires_at: DateTime<Utc>,
    redirect: String,
}

/// All claims of an ID token beside the standard ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Extra {
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

impl AdditionalClaims for Extra {}

type Fields = IdTokenFields<
    Extra,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type Relying = Client<
    Extra,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

type Claims = IdTokenClaims<Extra, CoreGenderClaim>;

/// Why the provider's answer could not be had.
#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Form(#[from] openidconnect::http::Error),
    #[error("the answer is larger than {ANSWER_MAX} bytes")]
    TooLarge,
}

impl Provider {
    fn new(config: Config) -> Result<Self, Error> {
        let issuer = IssuerUrl::new(config.issuer.clone()).map_err(Error::internal)?;
        let url = issuer.url();
        let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() != "https" && !loopback {
            return Err(Error::internal("the OpenID issuer must be an https address"));
        }
        // A redirect would lead the request, and the client's secret with it, to where nobody named.
        let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        let http = builder.timeout(ANSWER_WITHIN).build().map_err(Error::internal)?;
        Ok(Self { config, issuer, http: Http(http) })
    }

    /// Asks the provider who it is, each time: people sign in rarely, and keys change.
    async fn relying(&self, redirect: &str) -> Result<Relying, Failure> {
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http).await;
        let metadata = found.map_err(|error| away(&error))?;
        let id = ClientId::new(self.config.client_id.clone());
        let secret = self.config.client_secret.clone().map(ClientSecret::new);
        let redirect = RedirectUrl::new(redirect.to_owned()).map_err(Error::internal)?;
        Ok(Relying::from_provider_metadata(metadata, id, secret).set_redirect_uri(redirect))
    }

    /// Exchanges the code and returns the claims of an ID token that holds.
    async fn claims(&self, arrival: &Arrival, (redirect, now): (&str, DateTime<Utc>)) -> Result<Claims, Failure> {
        let relying = self.relying(redirect).await?;
        let exchange = relying.exchange_code(AuthorizationCode::new(arrival.code.clone())).map_err(Error::internal)?;
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(derived("verifier", &arrival.secret)));
        let tokens = exchange.request_async(&self.http).await.map_err(|error| away(&error))?;
        let id_token = tokens.id_token().ok_or(Failure::Refused(OidcRefusal::Token))?;
        let verifier = relying.id_token_verifier().set_allowed_algs(SIGNATURES).set_time_fn(move || now);
        let nonce = Nonce::new(derived("nonce", &arrival.secret));
        match id_token.claims(&verifier, &nonce) {
            Ok(claims) => Ok(claims.clone()),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "an ID token does not hold");
                Err(Failure::Refused(OidcRefusal::Token))
            }
        }
    }
}

impl App {
    /// Names the provider to sign in at; once, at the start.
    pub fn use_oidc(&self, config: Config) -> Result<(), Error> {
        let provider = Provider::new(config)?;
        self.desk.provider.set(provider).map_err(|_| Error::internal("an OpenID provider was named already"))
    }

    /// Returns what the button for signing in at the provider says; `None` when none was named.
    pub fn oidc_label(&self) -> Option<&str> {
        self.desk.provider.get().map(|provider| provider.config.label.as_str())
    }

    /// Sends somebody to the provider, to come back to `back`.
    pub async fn depart(&self, back: &str, address: &str) -> Result<Departure, Failure> {
        let provider = self.provider()?;
        let now = self.now();
        let slow = |wait_s| Error::Throttled { wait_s };
        let key = format!("oidc/{address}");
        self.desk.addresses.begin(&key, FREE_DEPARTURES, (Tries::default(), now)).map_err(slow)?;
        let redirect = provider.config.redirect.clone().unwrap_or_else(|| back.to_owned());
        let relying = provider.relying(&redirect).await?;
        let secret = secret()?;
        let verifier = PkceCodeVerifier::new(derived("verifier", &secret));
        let (state, nonce) = (derived("state", &secret), derived("nonce", &secret));
        let asked = relying.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state.clone()),
            move || Nonce::new(nonce.clone()),
        );
        let asked = asked.add_scope(Scope::new("profile".to_owned()));
        let (url, _, _) = asked.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier)).url();
        let pending = Pending { purpose: "oidc".to_owned(), expires_at: now + WITHIN, redirect };
        let record = to_record(RecordKind::Setup, token::hash(&secret), now, &pending)?;
        self.store().put_record(&record, Expected::New).await.map_err(Error::from)?;
        Ok(Departure { url: url.to_string(), secret })
    }

    /// Signs somebody in who came back from the provider.
    pub async fn arrive(&self, arrival: Arrival) -> Result<NewSession, Failure> {
        let provider = self.provider()?;
        let refused = |why| Failure::Refused(why);
        let key = token::hash(&arrival.secret);
        let found = self.store().record(RecordKind::Setup, &key).await.map_err(Error::from)?;
        let record = found.ok_or(refused(OidcRefusal::State))?;
        let pending: Pending = from_record(&record).map_err(|_| refused(OidcRefusal::State))?;
        // Whatever comes of it, the way back is taken once.
        if !self.store().drop_record(RecordKind::Setup, &key).await.map_err(Error::from)? {
            return Err(refused(OidcRefusal::State));
        }
        let same = super::same_secret(&arrival.state, &derived("state", &arrival.secret));
        if !same || pending.expires_at <= self.now() {
            return Err(refused(OidcRefusal::State));
        }
        let claims = provider.claims(&arrival, (&pending.redirect, self.now())).await?;
        let account = self.account_of(provider, &claims, &arrival.address).await?;
        match self.open_session(&account, &arrival.address).await {
            Err(Error::Unsigned { .. }) => Err(refused(OidcRefusal::Disabled)),
            other => Ok(other?),
        }
    }

    fn provider(&self) -> Result<&Provider, Error> {
        self.desk.provider.get().ok_or_else(|| Error::not_found("OIDC"))
    }

    /// Returns the account of a subject, or makes it if the provider may say its role.
    async fn account_of(&self, provider: &Provider, claims: &Claims, address: &str) -> Result<LoginName, Failure> {
        let subject = claims.subject().as_str();
        let _turn = self.desk.turn.lock().await;
        let known = self.accounts().await?.into_iter().find(|a| a.oidc_subject.as_deref() == Some(subject));
        if let Some(account) = known {
            return Ok(account.name);
        }
        let shown = claims.preferred_username().map(|name| name.as_str());
        let Some((role, scope)) = provider.config.role_claim.as_deref().and_then(|claim| granted(claims, claim)) else {
            let mark = Mark { actor: "public", act: Act::SignInFailed, target: "oidc", address };
            let told = json!({ "oidc_subject": subject, "preferred_username": shown });
            self.note(mark, Some(told)).await;
            return Err(Failure::Refused(OidcRefusal::Unknown));
        };
        let name = LoginName::parse(shown.unwrap_or(subject)).map_err(|_| Failure::Refused(OidcRefusal::Name))?;
        // A name that somebody has here is his, whoever chose the same one there.
        match self.refuse_taken_name(&name).await {
            Err(Error::Conflict { .. }) => return Err(Failure::Refused(OidcRefusal::Name)),
            other => other?,
        }
        let mut account = Account::new(name.clone(), role, ("oidc", self.now()))?;
        account.scope = scope;
        account.oidc_subject = Some(subject.to_owned());
        let given = claims.name().and_then(|names| names.get(None)).map(|name| name.as_str());
        if let Some(Ok(name)) = given.map(super::keep::display_name) {
            account.display_name = name;
        }
        self.add_account(&account).await?;
        let mark = Mark { actor: "oidc", act: Act::AccountMade, target: name.as_str(), address };
        self.note(mark, Some(json!({ "role": role, "scope": account.scope, "oidc_subject": subject }))).await;
        Ok(name)
    }
}

/// Returns the role, and the scope if there is a claim `<role claim>_scope`, that a provider gives to somebody new. An
/// administrator is made here and nowhere else; a scope that can not be read gives nothing rather than everything.
fn granted(claims: &Claims, claim: &str) -> Option<(Role, Option<DivisionCode>)> {
    let rest = &claims.additional_claims().rest;
    let role = rest.get(claim)?.as_str().and_then(Role::from_word)?;
    let scope = match rest.get(&format!("{claim}_scope")) {
        None | Some(Value::Null) => None,
        Some(code) => Some(DivisionCode::parse(code.as_str()?).ok()?),
    };
    (role != Role::Public && role != Role::Admin).then_some((role, scope))
}

/// Returns a value for one use, derived from the secret of a browser's cookie.
fn derived(use_: &str, secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("bihu oidc {use_} {secret}")))
}

/// The provider did not answer as one should: logged here, told by a word.
fn away(error: &(dyn std::error::Error + 'static)) -> Failure {
    tracing::warn!(error, "the OpenID provider did not answer as it should");
    Failure::Refused(OidcRefusal::Provider)
}

/// Carries requests to the provider.
struct Http(reqwest::Client);

impl<'a> AsyncHttpClient<'a> for Http {
    type Error = AskError;
    type Future = BoxFuture<'a, Result<HttpResponse, AskError>>;

    fn call(&'a self, request: HttpRequest) -> Self::Future {
        Box::pin(ask(self.0.clone(), request))
    }
}

/// Asks the provider, and reads no more of the answer than there may be.
async fn ask(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, AskError> {
    let mut answer = http.execute(request.try_into()?).await?;
    let mut response = openidconnect::http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > ANSWER_MAX {
            return Err(AskError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(response.body(body)?)
}
