//! Removes unpacked code that no function has any more, beside everybody's work.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use kernel::service::Boxed;
use kernel::work::{Next, Worker};
use kernel::{Context, Fault, Scope, Timestamp};
use runner::CodeDir;
use store::ReadTx;

use crate::Lambda;
use crate::function::{FUNCTIONS, Function, VERSIONS};
use crate::layer::{LAYER_VERSIONS, LayerName};

/// How long after a change is looked: deployments come in bursts.
const PAUSE: SignedDuration = SignedDuration::from_secs(10);

/// Looks at the start, and a little after code has been replaced or functions deleted.
pub struct Sweep {
    lambda: Arc<Lambda>,
    /// When it is to look next; at once when the process has just started.
    due: Mutex<Option<Timestamp>>,
    has_begun: AtomicBool,
}

impl Sweep {
    /// One that has not looked yet.
    pub fn new(lambda: Arc<Lambda>) -> Self {
        Self { lambda, due: Mutex::new(Some(Timestamp::MIN)), has_begun: AtomicBool::new(false) }
    }

    fn due(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When to look, if there is anything to look for.
    fn schedule(&self, now: Timestamp) -> Option<Timestamp> {
        let mut due = self.due();
        if self.lambda.code.is_littered.swap(false, Ordering::Relaxed) {
            due.get_or_insert_with(|| now + PAUSE);
        }
        *due
    }
}

impl Worker for Sweep {
    fn name(&self) -> &'static str {
        "lambda.code"
    }

    fn run<'a>(&'a self, cx: &'a Context) -> Boxed<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let now = cx.clock.now();
            match self.schedule(now) {
                None => return Ok(Next::WhenWoken),
                Some(due) if due > now => return Ok(Next::At(due)),
                Some(_) => *self.due() = None,
            }
            let is_first = !self.has_begun.swap(true, Ordering::Relaxed);
            self.lambda.sweep(cx, is_first).await?;
            Ok(Next::WhenWoken)
        })
    }

    fn woken(&self) -> Boxed<'_, ()> {
        Box::pin(self.lambda.code.littered.notified())
    }
}

impl Lambda {
    /// Some code may be nobody's now.
    pub(crate) fn litter(&self) {
        self.code.is_littered.store(true, Ordering::Relaxed);
        self.code.littered.notify_one();
    }

    async fn sweep(&self, cx: &Context, is_first: bool) -> Result<(), Fault> {
        // Nothing is unpacked meanwhile.
        let _alone = self.code.unpacking.write().await;
        let mut keep = self.store.read(&cx.scope, needed)?;
        self.code.lock().retain(|_, folder| {
            let stays = keep.contains(folder.sha256()) || folder.is_used();
            if stays {
                keep.insert(folder.sha256().to_owned());
            }
            stays
        });
        self.runner.sweep(keep, is_first).await;
        Ok(())
    }
}

/// The names of all folders that functions need.
fn needed(tx: &ReadTx<'_>) -> Result<HashSet<String>, Fault> {
    let mut names = HashSet::new();
    for row in tx.everywhere(&FUNCTIONS) {
        let (_, _, function) = row?;
        add(tx, &function, &mut names)?;
    }
    for row in tx.everywhere(&VERSIONS) {
        let (_, _, version) = row?;
        add(tx, &version, &mut names)?;
    }
    Ok(names)
}

fn add(tx: &ReadTx<'_>, function: &Function, names: &mut HashSet<String>) -> Result<(), Fault> {
    names.extend(match &function.code.image {
        Some(_) => Some(function.code.sha256.clone()),
        None => hexadecimal(&function.code.sha256),
    });
    let mut layers = Vec::new();
    for layer in &function.configuration.layers {
        let name = LayerName::parse(&Scope::default(), &layer.arn);
        let key = (name.name.as_str(), name.version.unwrap_or_default());
        let row = tx.in_scope(&name.scope).get(&LAYER_VERSIONS, &key)?;
        layers.extend(row.and_then(|row| hexadecimal(&row.sha256)));
    }
    if !layers.is_empty() {
        names.insert(CodeDir::name_of_overlay(&layers));
    }
    Ok(())
}

fn hexadecimal(base64: &str) -> Option<String> {
    let bytes = STANDARD.decode(base64).ok()?;
    Some(base16ct::lower::encode_string(&bytes))
}
