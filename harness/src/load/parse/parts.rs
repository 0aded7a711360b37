//! The parts of a case beside its steps.

use super::Parse;
use crate::diagnostics::Diagnostic;
use crate::yaml::{Key, Kind, Node};

impl Parse<'_> {
    pub(super) fn covers(&mut self, name: &Key, entry: Option<(&Key, &Node)>) -> Vec<String> {
        let Some((_, node)) = entry else {
            self.wrong(&name.span, "the case covers no requirement: neither it nor its file has `covers`");
            return Vec::new();
        };
        let nodes = match &node.value {
            Kind::List(items) => &items[..],
            _ => std::slice::from_ref(node),
        };
        if nodes.is_empty() {
            self.wrong(&node.span, "`covers` names no requirement");
        }
        nodes.iter().filter_map(|node| self.requirement(node)).collect()
    }

    pub(super) fn requirement(&mut self, node: &Node) -> Option<String> {
        let id = self.text(node)?;
        let ledger = winhttp_spec::requirements::ledger();
        if ledger.requirement(&id).is_none() {
            self.problems.push(
                Diagnostic::at(node.span.clone(), format!("there is no requirement `{id}`"))
                    .suggest(&id, ledger.all().map(|requirement| &*requirement.id)),
            );
        }
        Some(id)
    }

    pub(super) fn list<T>(
        &mut self,
        entry: Option<(&Key, &Node)>,
        parse: impl Fn(&mut Self, &Node) -> Option<T>,
    ) -> Vec<T> {
        match entry {
            None => Vec::new(),
            Some((_, Node { value: Kind::List(items), .. })) => {
                items.iter().filter_map(|item| parse(self, item)).collect()
            }
            Some((key, node)) => {
                self.wrong(&node.span, format!("`{}` takes a list", key.text));
                Vec::new()
            }
        }
    }
}
