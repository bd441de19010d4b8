//! Transfers: tables that go to S3, and tables that are made of what lies there.
//!
//! A request notes what is to be done and keeps what it takes; a worker does it, also after a crash.

mod csv_format;
mod export;
mod import;
mod import_failure;
mod ion_depth;
mod ion_format;
mod json_format;
mod manifest;
mod names;
mod source;

use std::sync::Arc;

use kernel::service::Boxed;
use kernel::work::{Next, Worker};
use kernel::{Context, Fault};

use crate::Dynamodb;

pub use export::{EXPORTS, Export, Kind, Window};
pub use import::{IMPORTS, Import};
pub use names::{import_token, locate, parse_import_token, table_of};

/// How an export or an import ended in failure.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Failure {
    /// AWS's code of it.
    pub code: String,
    /// What happened.
    pub message: String,
}

impl Failure {
    /// What S3 refused.
    pub fn of_s3(fault: &Fault) -> Self {
        Self { code: format!("S3{}", fault.code()), message: fault.message().to_owned() }
    }
}

/// Parses a file of an import in every format that needs no table; answers how many items it has.
pub fn items(bytes: &[u8]) -> usize {
    [json_format::parse(bytes), ion_format::parse(bytes)].iter().map(|parsed| parsed.items.len()).sum()
}

/// Who asks S3.
const PRINCIPAL: &str = "dynamodb.amazonaws.com";

/// The worker that carries out exports and imports.
pub struct Carrier(pub Arc<Dynamodb>);

impl Worker for Carrier {
    fn name(&self) -> &'static str {
        "dynamodb transfers"
    }

    fn run<'a>(&'a self, cx: &'a Context) -> Boxed<'a, Result<Next, Fault>> {
        Box::pin(async move {
            for (scope, export) in export::waiting(&self.0.store, &cx.scope)? {
                self.0.carry_out(&cx.in_scope(scope).on_behalf_of(PRINCIPAL), export).await?;
            }
            for (scope, import) in import::waiting(&self.0.store, &cx.scope)? {
                self.0.take_in(&cx.in_scope(scope).on_behalf_of(PRINCIPAL), import).await?;
            }
            Ok(Next::WhenWoken)
        })
    }

    fn woken(&self) -> Boxed<'_, ()> {
        Box::pin(self.0.transfers_asked.notified())
    }
}
