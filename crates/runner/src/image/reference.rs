//! What names an image: a path on this machine, or a repository with a tag or a digest.

use std::path::{Path, PathBuf};

/// The ways in which tools name images on disk; the content tells the format, whatever the name says.
const TRANSPORTS: [&str; 3] = ["oci:", "oci-archive:", "docker-archive:"];

/// An image's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    /// On disk; the name among several, if one was given.
    Path(PathBuf, Option<String>),
    /// By the repository's name.
    Name(Name),
}

/// `registry/repository:tag`, `repository@sha256:…`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// With its registry, if there is one.
    pub repository: String,
    pub tag: Option<String>,
    pub digest: Option<String>,
}

impl Reference {
    /// Reads a name; nothing if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = TRANSPORTS.iter().find_map(|transport| text.strip_prefix(transport)) {
            return path(rest);
        }
        Name::parse(text).map(Self::Name)
    }
}

/// The path may hold colons itself.
fn path(text: &str) -> Option<Reference> {
    if !text.starts_with('/') {
        return None;
    }
    if !Path::new(text).exists()
        && let Some((at, _)) = text.match_indices(':').find(|(at, _)| Path::new(&text[..*at]).exists())
    {
        return Some(Reference::Path(text[..at].into(), Some(text[at + 1..].to_owned())));
    }
    Some(Reference::Path(text.into(), None))
}

impl Name {
    pub fn parse(text: &str) -> Option<Self> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (text, None),
        };
        let is_digest = |digest: &String| digest.strip_prefix("sha256:").is_some_and(super::store::is_hash);
        // A colon before the last slash is a port's.
        let after_slash = rest.rfind('/').map_or(0, |at| at + 1);
        let (repository, tag) = match rest[after_slash..].find(':') {
            Some(at) => (&rest[..after_slash + at], Some(&rest[after_slash + at + 1..])),
            None => (rest, None),
        };
        let is_plain = |text: &str, more: &str| {
            !text.is_empty()
                && !text.contains("..")
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c) || more.contains(c))
        };
        let is_good =
            is_plain(repository, "/:") && !repository.starts_with('/') && !repository.ends_with('/');
        (is_good && tag.is_none_or(|tag| is_plain(tag, "")) && digest.as_ref().is_none_or(is_digest))
            .then(|| Self { repository: repository.to_owned(), tag: tag.map(str::to_owned), digest })
    }

    /// Whether an image that is kept under that name is meant. Its registry does not count: what is built here has the
    /// name of none, and functions name that of their account.
    pub fn means(&self, kept: &str) -> bool {
        let Some(kept) = Self::parse(kept) else { return false };
        let tag = |name: &Self| name.tag.clone().unwrap_or_else(|| "latest".to_owned());
        self.path() == kept.path() && (self.digest.is_some() || tag(self) == tag(&kept))
    }

    /// The repository without its registry.
    fn path(&self) -> &str {
        match self.repository.split_once('/') {
            Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => {
                if host == "docker.io" {
                    rest.strip_prefix("library/").unwrap_or(rest)
                } else {
                    rest
                }
            }
            _ => &self.repository,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_registries_tags_and_digests() {
        let name = Name::parse("123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app:v1").unwrap();
        assert_eq!(name.path(), "team/app");
        assert_eq!(name.tag.as_deref(), Some("v1"));
        assert!(name.means("team/app:v1") && name.means("docker.io/team/app:v1") && !name.means("app:v1"));
        assert!(Name::parse("app").unwrap().means("docker.io/library/app:latest"));
        assert_eq!(Name::parse("localhost:5000/app").unwrap().tag, None);
        let digest = format!("app@sha256:{}", "a".repeat(64));
        assert!(Name::parse(&digest).unwrap().digest.is_some());
        for bad in ["", "app@sha256:x", "../app", "app:", "a b", "/app", "app/../../x"] {
            assert_eq!(Name::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn paths_may_be_followed_by_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display();
        let parsed = |text: String| Reference::parse(&text);
        let expected =
            |name: Option<&str>| Some(Reference::Path(folder.path().into(), name.map(str::to_owned)));
        assert_eq!(parsed(format!("oci:{path}")), expected(None));
        assert_eq!(parsed(format!("docker-archive:{path}:app:v1")), expected(Some("app:v1")));
        assert_eq!(parsed("oci:relative".to_owned()), None);
    }
}
