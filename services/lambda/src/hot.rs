//! Hot reload: code that runs from the folder in which it is written.
//!
//! A function whose bucket is `hot-reload` has a folder of this machine for its key. Its environments are of one state of
//! the folder: when a file changes, the next invocation starts a new one.

use std::io;
use std::path::Path;

use api_lambda::LambdaError;
use kernel::Fault;
use runner::{CodeDir, Runner};

use crate::errors;
use crate::function::Code;

/// The name that is no bucket's.
pub const BUCKET: &str = "hot-reload";

/// What stands where other functions have a hash.
const NO_HASH: &str = "hot-reloading-hash-not-available";

/// The code in that folder.
pub fn code(runner: &Runner, folder: &str) -> Result<Code, LambdaError> {
    if !Path::new(folder).is_absolute() {
        let message = format!(
            "When using hot reloading, the archive key has to be an absolute path! Your archive key: {folder}"
        );
        return Err(errors::invalid(message));
    }
    if !runner.lets_run(Path::new(folder)) {
        return Err(errors::invalid(format!("Code may not be run from the folder {folder}.")));
    }
    Ok(Code { blob: None, sha256: NO_HASH.to_owned(), size: 0, folder: Some(folder.to_owned()), image: None })
}

/// The folder, and a revision that changes with its files.
pub async fn ready(runner: &Runner, folder: &str, revision: &str) -> Result<(CodeDir, String), LambdaError> {
    let (runner, folder, revision) = (runner.clone(), folder.to_owned(), revision.to_owned());
    let look = move || {
        let code = runner.folder(Path::new(&folder))?;
        let state = code.state()?;
        Ok::<_, io::Error>((code, format!("{revision}-{state}")))
    };
    let looked = tokio::task::spawn_blocking(look).await.map_err(Fault::internal)?;
    looked.map_err(|error| errors::cannot_run(format!("The function's folder cannot be read: {error}")))
}
