//! Function URLs: HTTP that calls a function.

pub mod event;
pub mod serve;
mod stream;

use api_lambda::{Cors, FunctionUrlAuthType, FunctionUrlConfig, InvokeMode};
use kernel::{Context, Fault, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Table, WriteTx};

use crate::describe::moment_text;
use crate::names::FunctionName;

/// By function and qualifier.
pub static URLS: Table<(String, String), Url> = Table::regional("lambda.urls");
/// Where the URL of an id leads, in all accounts and regions.
pub static URL_TARGETS: Table<String, Target> = Table::global("lambda.url_targets");

/// The URL of a function or an alias.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Url {
    /// The first part of its host name.
    pub id: String,
    /// Whether requests must be signed.
    pub auth: FunctionUrlAuthType,
    /// Whether answers are streamed; nothing where it was not said.
    pub mode: Option<InvokeMode>,
    /// What pages of other sites may do.
    pub cors: Option<Rules>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// What pages of other sites may do.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Rules {
    /// Whether cookies may come along.
    pub credentials: Option<bool>,
    /// The headers they may send.
    pub headers: Option<Vec<String>>,
    /// The methods they may use.
    pub methods: Option<Vec<String>>,
    /// The sites.
    pub origins: Option<Vec<String>>,
    /// The headers they may read.
    pub expose: Option<Vec<String>>,
    /// Seconds that browsers may remember this.
    pub max_age: Option<i32>,
}

/// Where a URL leads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Target {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The function.
    pub function: String,
    /// The alias, or `$LATEST`.
    pub qualifier: String,
}

impl Target {
    /// The function or alias.
    pub fn name(&self) -> FunctionName {
        let scope = Scope::new(&self.account, &self.region);
        let qualifier = (self.qualifier != crate::function::LATEST).then(|| self.qualifier.clone());
        FunctionName { scope, name: self.function.clone(), qualifier }
    }
}

impl From<Cors> for Rules {
    fn from(cors: Cors) -> Self {
        Self {
            credentials: cors.allow_credentials,
            headers: cors.allow_headers,
            methods: cors.allow_methods,
            origins: cors.allow_origins,
            expose: cors.expose_headers,
            max_age: cors.max_age,
        }
    }
}

impl Url {
    /// The URL itself, on the port that the client has used.
    pub fn address(&self, cx: &Context, scope: &Scope) -> String {
        let port = cx.request.host.rsplit_once(':').map(|(_, port)| format!(":{port}")).unwrap_or_default();
        format!("http://{}.lambda-url.{}.localhost.localstack.cloud{port}/", self.id, scope.region)
    }

    /// The URL as callers see it.
    pub fn describe(&self, cx: &Context, name: &FunctionName) -> FunctionUrlConfig {
        FunctionUrlConfig {
            function_url: self.address(cx, &name.scope),
            function_arn: name.arn(),
            creation_time: time_text(self.created),
            last_modified_time: time_text(self.modified),
            cors: self.cors.clone().map(cors),
            auth_type: self.auth.clone(),
            invoke_mode: Some(self.mode.clone().unwrap_or(InvokeMode::Buffered)),
        }
    }
}

/// The times of URLs have another form than those of functions.
pub fn time_text(at: Timestamp) -> String {
    let text = moment_text(at);
    text.strip_suffix("+0000").map_or(text.clone(), |text| format!("{text}Z"))
}

/// The rules as callers see them.
pub fn cors(rules: Rules) -> Cors {
    Cors {
        allow_credentials: rules.credentials,
        allow_headers: rules.headers,
        allow_methods: rules.methods,
        allow_origins: rules.origins,
        expose_headers: rules.expose,
        max_age: rules.max_age,
    }
}

/// Forgets the URLs of a function, or of one of its qualifiers.
pub fn forget(tx: &mut WriteTx<'_>, function: &str, qualifier: Option<&str>) -> Result<(), Fault> {
    let rows = tx.prefix(&URLS, &(function,)).collect::<Result<Vec<_>, Fault>>()?;
    for (key, url) in rows {
        if qualifier.is_none_or(|qualifier| key.1 == qualifier) {
            tx.delete(&URLS, &key)?;
            tx.delete(&URL_TARGETS, url.id.as_str())?;
        }
    }
    Ok(())
}
