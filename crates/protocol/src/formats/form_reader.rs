//! Forms of the query protocols as trees: `Attribute.1.Name=…` is a path of parts.

use std::collections::BTreeMap;
use std::rc::Rc;

use kernel::schema::Member;

use super::tree::Node;

/// The rules in which the two query protocols differ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Lists stand under `member`, maps under `entry`, unless flattened.
    Aws,
    /// Every list is flat and every name starts with a capital.
    Ec2,
}

#[derive(Default)]
struct Part {
    value: Option<String>,
    parts: BTreeMap<String, Part>,
}

/// A part of a form.
#[derive(Clone)]
pub struct FormNode {
    root: Rc<Part>,
    at: Vec<String>,
    style: Style,
}

impl FormNode {
    /// The tree of a form-encoded body.
    pub fn parse(body: &[u8], style: Style) -> Self {
        let mut root = Part::default();
        for (key, value) in form_urlencoded::parse(body) {
            let mut part = &mut root;
            for name in key.split('.').take(64) {
                part = part.parts.entry(name.to_owned()).or_default();
            }
            part.value = Some(value.into_owned());
        }
        Self { root: Rc::new(root), at: Vec::new(), style }
    }

    fn part(&self) -> Option<&Part> {
        self.at.iter().try_fold(&*self.root, |part, name| part.parts.get(name))
    }

    fn below(&self, names: &[&str]) -> Option<Self> {
        let mut at = self.at.clone();
        at.extend(names.iter().map(|name| (*name).to_owned()));
        let node = Self { root: self.root.clone(), at, style: self.style };
        node.part().is_some().then_some(node)
    }

    /// The nodes under the numbers below this one, in the order of the numbers.
    fn numbered(&self) -> Vec<Self> {
        let Some(part) = self.part() else { return Vec::new() };
        let mut numbers: Vec<u64> = part.parts.keys().filter_map(|name| name.parse().ok()).collect();
        numbers.sort_unstable();
        numbers.iter().filter_map(|number| self.below(&[&number.to_string()])).collect()
    }

    fn name(&self, member: &'static Member) -> String {
        let name = member.query_name.or(member.xml_name);
        match (name, self.style) {
            (Some(name), _) => name.to_owned(),
            (None, Style::Aws) => member.wire.to_owned(),
            (None, Style::Ec2) => capitalised(member.wire),
        }
    }

    /// The name under which a flattened list's numbers stand: the element's own name replaces the member's.
    fn flat_name(&self, member: &'static Member) -> String {
        let element = member.target.members.first().map_or("member", |element| element.wire);
        if self.style == Style::Aws && element != "member" && member.xml_name.is_none() && !is_map(member) {
            element.to_owned()
        } else {
            self.name(member)
        }
    }
}

fn is_map(member: &Member) -> bool {
    member.target.kind == kernel::schema::Kind::Map
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

impl Node for FormNode {
    fn text(&self) -> Option<String> {
        self.part()?.value.clone()
    }

    fn member(&self, member: &'static Member) -> Option<Self> {
        self.below(&[&self.name(member)])
    }

    fn elements(&self, member: &'static Member) -> Vec<Self> {
        if member.flattened {
            // Older clients number a flattened list under the member's name, others under the element's.
            let flat = self.below(&[&self.flat_name(member)]).or_else(|| self.below(&[&self.name(member)]));
            return flat.map(|node| node.numbered()).unwrap_or_default();
        }
        if self.style == Style::Ec2 {
            return self.numbered();
        }
        let element = member.target.members.first().map_or("member", |element| element.wire);
        let inner = self.below(&[element]).or_else(|| self.below(&["member"]));
        inner.unwrap_or_else(|| self.clone()).numbered()
    }

    fn entries(&self, member: &'static Member) -> Vec<(String, Self)> {
        let [key, value] = member.target.members else { return Vec::new() };
        let outer = if member.flattened { self.below(&[&self.name(member)]) } else { self.below(&["entry"]) };
        let entry = |node: Self| Some((node.below(&[key.wire])?.text()?, node.below(&[value.wire])?));
        outer.map(|node| node.numbered().into_iter().filter_map(entry).collect()).unwrap_or_default()
    }
}
