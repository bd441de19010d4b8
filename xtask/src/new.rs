//! `cargo xtask new <service>`: the folder of a new service, with its five files.

use std::fs;

use crate::{Outcome, root};

/// Makes `services/<name>`.
pub fn new(arguments: &[String]) -> Outcome {
    let [name] = arguments else { return Err("usage: cargo xtask new <service>".into()) };
    if name.is_empty()
        || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    {
        return Err(format!("`{name}` is not the name of an AWS model").into());
    }
    let folder = root().join("services").join(name);
    if folder.exists() {
        return Err(format!("services/{name} is there already").into());
    }
    let crate_name = name.replace('-', "_");
    let kind: String = name.split('-').map(capitalised).collect();
    for (path, text) in FILES {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().ok_or("no folder")?)?;
        let text = text.replace("{name}", name).replace("{crate}", &crate_name).replace("{Kind}", &kind);
        fs::write(path, text)?;
    }
    println!("made services/{name}; next:");
    println!("  1. a line in models/services.toml, then `cargo xtask codegen {name}`");
    println!("  2. a line in crates/server/Cargo.toml and crates/server/src/services.rs");
    println!("  3. the first operation, as CONTRIBUTING.md tells");
    Ok(())
}

fn capitalised(word: &str) -> String {
    word[..1].to_ascii_uppercase() + &word[1..]
}

const FILES: [(&str, &str); 6] = [
    (
        "Cargo.toml",
        r#"[package]
name = "service-{name}"
description = "What AWS {name} does."
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true

[lib]
name = "service_{crate}"

[dependencies]
api-{name} = { path = "../../api/{name}" }
kernel = { path = "../../crates/kernel" }
serde.workspace = true
store = { path = "../../crates/store" }

[dev-dependencies]
testkit = { path = "../../crates/testkit" }

[lints]
workspace = true
"#,
    ),
    (
        "src/lib.rs",
        r#"//! What AWS {name} does.

mod errors;
mod limits;
mod names;
mod operations;

use std::sync::Arc;

use kernel::Service;
use store::Store;

/// The service's state.
pub struct {Kind} {
    store: Store,
}

/// The service, with all its routes.
pub fn service(store: &Store) -> Service {
    let service = Arc::new({Kind} { store: store.clone() });
    operations::routes(Service::new(&api_{crate}::SERVICE).with(service)).build()
}
"#,
    ),
    (
        "src/operations/mod.rs",
        r#"//! The operations, one file each.

use kernel::service::ServiceBuilder;

use crate::{Kind};

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<{Kind}>) -> ServiceBuilder<{Kind}> {
    service
}
"#,
    ),
    ("src/errors.rs", "//! The sentences AWS prints.\n"),
    ("src/limits.rs", "//! The numbers AWS documents.\n"),
    ("src/names.rs", "//! Names, URLs and ARNs: parse and print.\n"),
];
