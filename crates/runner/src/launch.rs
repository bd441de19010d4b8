//! How each kind of runtime is started: its program, its arguments, our bootstraps.

use std::ffi::{CString, OsString};
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::interpreters::{Interpreter, Kind, Language};
use crate::sandbox::{LAYERS_ROOT, TASK_ROOT};
use crate::variables::Place;
use crate::{Container, FunctionSpec};
use crate::{debug, java};

const FILES: [(&str, &str); 4] = [
    ("bootstrap.py", include_str!("bootstrap/bootstrap.py")),
    ("bootstrap.rb", include_str!("bootstrap/bootstrap.rb")),
    ("index.mjs", include_str!("bootstrap/index.mjs")),
    ("passwd", include_str!("bootstrap/passwd")),
];

const BASH: &str = "/bin/bash";

/// Writes our bootstraps below the runner's folder and answers where.
pub(crate) fn write_bootstraps(root: &Path) -> io::Result<PathBuf> {
    let folder = root.join("runtime");
    fs::create_dir_all(&folder)?;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
    for (name, text) in FILES {
        // Renamed into place, so that a process that starts now reads all or nothing.
        let mut file = tempfile::NamedTempFile::new_in(&folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
        file.persist(folder.join(name))?;
    }
    Ok(folder)
}

/// The program and its arguments.
pub(crate) fn arguments(
    spec: &FunctionSpec,
    kind: Kind,
    interpreter: Option<&Interpreter>,
    place: &Place<'_>,
) -> io::Result<Vec<CString>> {
    let (task, layers, runtime) = (place.task_root, place.layers, place.runtime_folder);
    if let Some(container) = &spec.container {
        return container_arguments(spec, container);
    }
    let Some(interpreter) = interpreter else {
        let folder = if in_layers(spec) { layers } else { task };
        return c_strings(script(spec, folder.join("bootstrap"), place));
    };
    let mut all = wrapper(spec, place);
    all.push(interpreter.program.clone().into_os_string());
    all.extend(
        kind.language().zip(place.debug_port).and_then(|(language, port)| debug::arguments(language, port)),
    );
    match kind {
        Kind::Language(Language::Python, _) => all.extend([
            "-u".into(),
            runtime.join("bootstrap.py").into_os_string(),
            layers.as_os_str().to_owned(),
            place.sdk.as_os_str().to_owned(),
        ]),
        Kind::Language(Language::Ruby, _) => all.push(runtime.join("bootstrap.rb").into_os_string()),
        Kind::Language(Language::Java, _) => {
            all.extend(java_arguments(spec, interpreter, task, layers, runtime).map(OsString::from));
        }
        Kind::Language(Language::Dotnet, _) => {
            all.push("exec".into());
            all.push(task.join(format!("{}.dll", spec.handler)).into_os_string());
        }
        Kind::Language(Language::Node, _) => {
            // As AWS does, so that the collector works before the memory is used up.
            all.push(format!("--max-old-space-size={}", spec.memory_mb * 9 / 10).into());
            all.push(format!("--max-semi-space-size={}", (spec.memory_mb / 20).max(1)).into());
            all.push(runtime.join("index.mjs").into_os_string());
        }
        Kind::Provided | Kind::Image => {}
    }
    c_strings(all)
}

fn c_strings(all: Vec<OsString>) -> io::Result<Vec<CString>> {
    all.into_iter().map(|text| CString::new(text.as_bytes()).map_err(io::Error::other)).collect()
}

/// The program that starts the runtime in its owner's way, if there is one.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper>
fn wrapper(spec: &FunctionSpec, place: &Place<'_>) -> Vec<OsString> {
    let named = spec.environment.iter().find(|(name, _)| name == "AWS_LAMBDA_EXEC_WRAPPER");
    let Some((_, path)) = named.filter(|(_, path)| !path.is_empty()) else { return Vec::new() };
    let path = Path::new(path);
    let inside = |root: &str, folder: &Path| path.strip_prefix(root).ok().map(|rest| folder.join(rest));
    let seen = inside(TASK_ROOT, place.task_root).or_else(|| inside(LAYERS_ROOT, place.layers));
    script(spec, seen.unwrap_or_else(|| path.to_owned()), place)
}

/// How a script is run: on AWS, `/bin/sh` is bash, and scripts count on it.
fn script(spec: &FunctionSpec, program: PathBuf, place: &Place<'_>) -> Vec<OsString> {
    let real = |root: &Path, folder: &Path| program.strip_prefix(root).ok().map(|rest| folder.join(rest));
    let layers = || real(place.layers, spec.layers.as_ref()?.path());
    let text =
        real(place.task_root, spec.code.path()).or_else(layers).and_then(|path| first_line(&path).ok());
    let wants_shell = text.is_some_and(|line| {
        line.starts_with(b"#!/bin/sh") && line.get(9).is_none_or(u8::is_ascii_whitespace)
    });
    let is_bash = fs::canonicalize("/bin/sh").is_ok_and(|shell| shell.ends_with("bash"));
    if wants_shell && !is_bash && Path::new(BASH).is_file() {
        return [BASH.into(), "--posix".into(), program.into_os_string()].into();
    }
    vec![program.into_os_string()]
}

fn first_line(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    fs::File::open(path)?.take(64).read_to_end(&mut start)?;
    start.truncate(start.iter().position(|byte| *byte == b'\n').unwrap_or(start.len()));
    Ok(start)
}

/// As AWS does: little ceremony at the start, and a heap that leaves room for what else the machine needs.
fn java_arguments(
    spec: &FunctionSpec,
    interpreter: &Interpreter,
    task: &Path,
    layers: &Path,
    runtime: &Path,
) -> impl Iterator<Item = String> {
    let classes = java::classes(runtime, interpreter);
    let (task, layers, classes) = (task.display(), layers.display(), classes.display());
    let path = format!("{task}:{task}/lib/*:{layers}/java/lib/*:{layers}/java/lib:{classes}");
    let heap = format!("-Xmx{}m", spec.memory_mb * 85 / 100);
    let fixed = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"].map(str::to_owned);
    std::iter::once(heap).chain(fixed).chain(["-cp".to_owned(), path, java::MAIN.to_owned()])
}

/// The image's program and its arguments, the program by its place.
fn container_arguments(spec: &FunctionSpec, container: &Container) -> io::Result<Vec<CString>> {
    let program = container.program(search_path(spec)).map_err(io::Error::other)?;
    let (entry_point, command) = container.arguments();
    let rest = entry_point.into_iter().chain(command).skip(1).map(String::into_bytes);
    let all = std::iter::once(program.into_os_string().into_encoded_bytes()).chain(rest);
    all.map(|text| CString::new(text).map_err(io::Error::other)).collect()
}

/// Where the function's owner wants programs looked for.
fn search_path(spec: &FunctionSpec) -> Option<&str> {
    spec.environment.iter().find(|(name, _)| name == "PATH").map(|(_, path)| path.as_str())
}

/// Why a handler cannot be run here, though AWS would.
pub(crate) fn unfit_handler(spec: &FunctionSpec, kind: Kind) -> Option<String> {
    let is_library = kind.language() == Some(Language::Dotnet) && spec.handler.contains("::");
    is_library.then(|| {
        "handlers of .NET class libraries need Amazon's runtime, which is not here: make an executable assembly and give \
         its name as the handler".to_owned()
    })
}

/// Why an image's program cannot be run, in AWS's words; or its extensions, which AWS would run without a shell too.
pub(crate) fn unfit_image(spec: &FunctionSpec) -> Option<String> {
    let container = spec.container.as_ref()?;
    if !crate::environment::has_shell(container) && !container.image.extensions().is_empty() {
        return Some("extensions need a shell here, and the image has no /bin/sh".to_owned());
    }
    container.program(search_path(spec)).err()
}

/// Whether a layer brings the program, and the code does not.
fn in_layers(spec: &FunctionSpec) -> bool {
    let is_there = |folder: &Path| folder.join("bootstrap").is_file();
    !is_there(spec.code.path()) && spec.layers.as_ref().is_some_and(|layers| is_there(layers.path()))
}

/// Why the code's own program cannot be run, in AWS's words.
pub(crate) fn invalid_entrypoint(spec: &FunctionSpec) -> Option<&'static str> {
    if in_layers(spec) {
        return None;
    }
    let program = spec.code.path().join("bootstrap");
    match fs::metadata(&program) {
        Ok(metadata) if metadata.is_file() && metadata.permissions().mode() & 0o111 != 0 => {
            (!is_program(&program)).then_some("fork/exec /var/task/bootstrap: exec format error")
        }
        Ok(metadata) if metadata.is_file() => Some("fork/exec /var/task/bootstrap: permission denied"),
        _ => Some("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
    }
}

/// Whether the kernel could run it: what it refuses would be taken for a script of the shell here, but not on AWS.
fn is_program(path: &Path) -> bool {
    let mut start = [0; 4];
    let read = fs::File::open(path).and_then(|mut file| file.read(&mut start));
    read.is_ok_and(|length| start[..length].starts_with(b"#!") || start[..length].starts_with(b"\x7fELF"))
}

/// What INIT_START calls the runtime.
pub(crate) fn version_name(runtime: &str, kind: Kind) -> String {
    match kind {
        Kind::Language(language, version) => {
            let name = match language {
                Language::Python => "python",
                Language::Node => "nodejs",
                Language::Java => "java",
                Language::Ruby => "ruby",
                Language::Dotnet => "dotnet",
            };
            format!("{name}:{}", language.version(version))
        }
        Kind::Provided | Kind::Image => runtime.replacen('.', ":", 1),
    }
}
