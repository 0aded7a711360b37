//! Steps in callbacks, beside other steps, and what waits for them.

use winhttp_spec::functions::Function;

use super::{Entries, Named, Parse, WAIT_MS, get, known};
use crate::case::{Argument, JoinStep, MeanwhileStep, Scalar, Step, WhenStep};
use crate::diagnostics::Diagnostic;
use crate::load::words;
use crate::yaml::{Key, Node};

/// The name of the handle that a callback is called with.
const CALLBACK: &str = "callback";

impl Parse<'_> {
    pub(super) fn when(&mut self, key: &Key, value: &Node, entries: &Entries) -> Option<Step> {
        self.known_beside("when", entries, words::WHEN);
        let on = get(entries, "on").and_then(|(_, node)| self.reference(node));
        let nth = get(entries, "nth").map_or(Some(1), |(_, node)| self.small(node))?;
        if let (0, Some((nth, _))) = (nth, get(entries, "nth")) {
            self.wrong(&nth.span, "callbacks are counted from 1");
        }
        let statuses = self.statuses(value);
        let outer = self.names.insert(CALLBACK.to_owned(), Named::Callback);
        self.callbacks.push(on.is_some());
        let steps = match get(entries, "do") {
            Some(entry) => self.list(Some(entry), Self::step),
            None => {
                self.wrong(&key.span, "`when` does not say what to do: `do: [steps]`");
                Vec::new()
            }
        };
        self.callbacks.pop();
        match outer {
            Some(outer) => self.names.insert(CALLBACK.to_owned(), outer),
            None => self.names.remove(CALLBACK),
        };
        self.not_empty("do", get(entries, "do"), &steps);
        let optional = self.flag(entries, "optional");
        let name = get(entries, "as").and_then(|(_, node)| self.name(node, Named::Steps));
        Some(Step::When(WhenStep { statuses: statuses?, on, nth, optional, name, steps }))
    }

    pub(super) fn meanwhile(&mut self, key: &Key, value: &Node, entries: &Entries) -> Option<Step> {
        self.known_beside("meanwhile", entries, words::MEANWHILE);
        let steps = self.list(Some((key, value)), Self::step);
        self.not_empty("meanwhile", Some((key, value)), &steps);
        let name = get(entries, "as").and_then(|(_, node)| self.name(node, Named::Steps));
        Some(Step::Meanwhile(MeanwhileStep { name, steps }))
    }

    pub(super) fn join(&mut self, value: &Node, entries: &Entries) -> Option<Step> {
        self.known_beside("join", entries, words::JOIN);
        let of = self.reference(value)?;
        if !matches!(self.names.get(&of.path[0]), Some(Named::Steps)) {
            self.problems.push(
                Diagnostic::at(value.span.clone(), format!("`{of}` is no steps that can be waited for"))
                    .help("`join` takes the name of a `when` or a `meanwhile`"),
            );
            return None;
        }
        let within_ms = get(entries, "within").map_or(Some(WAIT_MS), |(_, node)| self.small(node))?;
        Some(Step::Join(JoinStep { of, within_ms }))
    }

    pub(super) fn pass(&mut self, value: &Node, entries: &Entries) -> Option<Step> {
        self.known_beside("pass", entries, &[]);
        self.small(value).map(Step::Pass)
    }

    /// What a case closes is not closed once more at its end: which handle `$callback` is must be known.
    pub(super) fn closes(&mut self, function: &Function, key: &Key, arguments: &[(usize, Argument)]) {
        let closes = function.name == "WinHttpCloseHandle"
            && matches!(arguments.first(), Some((_, Argument::Word(Scalar::Reference(it)))) if it.path == [CALLBACK]);
        if closes && self.callbacks.last() == Some(&false) {
            self.problems.push(
                Diagnostic::at(key.span.clone(), "nobody knows which handle is closed here")
                    .help("say on which handle the callback comes: `on: $name` beside `when`"),
            );
        }
    }

    fn known_beside(&mut self, step: &str, entries: &Entries, words: &'static [words::Word]) {
        for (other, _) in entries.iter().filter(|(other, _)| other.text != step) {
            known(other, words, &format!("`{step}`"), self.problems);
        }
    }

    fn not_empty(&mut self, key: &str, entry: Option<(&Key, &Node)>, steps: &[Step]) {
        let empty = |node: &Node| matches!(&node.value, crate::yaml::Kind::List(steps) if steps.is_empty());
        if let Some((_, node)) = entry.filter(|(_, node)| steps.is_empty() && empty(node)) {
            self.wrong(&node.span, format!("there is no step in `{key}`"));
        }
    }
}
