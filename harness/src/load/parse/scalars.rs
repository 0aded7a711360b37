//! Numbers, names, texts and flags.

use winhttp_spec::constants;

use super::{Entries, Named, Parse, get, known};
use crate::case::{Number, Reference, Scalar};
use crate::diagnostics::Diagnostic;
use crate::fill;
use crate::load::words::Word;
use crate::yaml::{Kind, Node};

impl Parse<'_> {
    /// A word of at most `bits` bits.
    pub(super) fn scalar(&mut self, node: &Node, bits: u32) -> Option<Scalar> {
        let scalar = match &node.value {
            Kind::Text(text) if text == "$port" => Scalar::Port,
            Kind::Text(text) if text.starts_with('$') => Scalar::Reference(self.reference(node)?),
            Kind::Text(text) if text == "forged" => Scalar::Forged,
            Kind::Text(text) if text == "recorder" => Scalar::Recorder(0),
            Kind::Text(text)
                if text.strip_prefix("recorder-").is_some_and(|number| ["1", "2", "3"].contains(&number)) =>
            {
                Scalar::Recorder(text.as_bytes()[text.len() - 1] - b'0')
            }
            _ => Scalar::Number(self.number(node)?),
        };
        let Scalar::Number(Number { value, text }) = scalar else { return Some(scalar) };
        if !fits(value, bits) {
            self.wrong(&node.span, format!("{text} does not fit {bits} bits"));
            return None;
        }
        Some(Scalar::Number(Number { value: value & (u64::MAX >> (64 - bits)), text }))
    }

    pub(super) fn number(&mut self, node: &Node) -> Option<Number> {
        match &node.value {
            Kind::Null => Some(Number { value: 0, text: "NULL".to_owned() }),
            Kind::Bool(flag) => Some(Number {
                value: u64::from(*flag),
                text: if *flag { "TRUE" } else { "FALSE" }.to_owned(),
            }),
            Kind::Number(number) => Some(Number { value: *number as u64, text: number.to_string() }),
            Kind::Text(text) => self.constants(node, text),
            _ => {
                self.wrong(&node.span, "a number or the name of a constant belongs here");
                None
            }
        }
    }

    /// `A`, `A | B`, with hexadecimal and decimal numbers among them.
    pub(super) fn constants(&mut self, node: &Node, text: &str) -> Option<Number> {
        let mut value = 0;
        for part in text.split('|').map(str::trim) {
            let number = match part.strip_prefix("0x") {
                Some(digits) => u64::from_str_radix(digits, 16).ok(),
                None => part.parse().ok().or_else(|| constants::value(part)),
            };
            let Some(number) = number else {
                let candidates = constants::CONSTANTS.iter().map(|constant| constant.name);
                let gap = constants::GAPS.iter().find(|gap| gap.name == part);
                let problem = Diagnostic::at(node.span.clone(), format!("no constant is called `{part}`"));
                self.problems.push(match gap {
                    Some(gap) => {
                        problem.help(format!("it is documented, but has no known value: {}", gap.source))
                    }
                    None => problem.suggest(part, candidates),
                });
                return None;
            };
            value |= number;
        }
        Some(Number { value, text: text.to_owned() })
    }

    pub(super) fn reference(&mut self, node: &Node) -> Option<Reference> {
        let Kind::Text(text) = &node.value else {
            self.wrong(&node.span, "a name of an earlier step belongs here: $name");
            return None;
        };
        let Some(path) = text.strip_prefix('$') else {
            self.problems.push(
                Diagnostic::at(node.span.clone(), format!("`{text}` is no reference"))
                    .help(format!("write `${text}`")),
            );
            return None;
        };
        // Only the first two parts are split off: a member of a nested struct has dots of its own.
        let path: Vec<String> = path.splitn(3, '.').map(str::to_owned).collect();
        let Some(named) = self.names.get(&path[0]).copied() else {
            let candidates: Vec<String> = self.names.keys().cloned().collect();
            self.problems.push(
                Diagnostic::at(
                    node.span.clone(),
                    format!("no earlier step and no axis is called `{}`", path[0]),
                )
                .suggest(&path[0], candidates.iter().map(String::as_str)),
            );
            return None;
        };
        let fits = match (named, path.get(1)) {
            (_, None) => true,
            (Named::Setup(kind), Some(part)) => {
                path.len() == 2 && kind.above().iter().any(|above| above.word() == part)
            }
            (Named::Call(function), Some(part)) => function.params.iter().any(|param| param.name == part),
            (Named::Steps | Named::Callback, Some(_)) => false,
        };
        if !fits {
            self.wrong(&node.span, format!("`${}` has no part `{}`", path[0], path[1..].join(".")));
            return None;
        }
        Some(Reference { path })
    }

    pub(super) fn name(&mut self, node: &Node, named: Named) -> Option<String> {
        let name = self.text(node)?;
        if name.is_empty()
            || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
            || ["port", "host", "callback"].contains(&&*name)
        {
            self.wrong(&node.span, format!("`{name}` is no good as a name: use letters and digits"));
            return None;
        }
        if self.names.insert(name.clone(), named).is_some() {
            self.wrong(&node.span, format!("an earlier step is called `{name}` too"));
        }
        Some(name)
    }

    pub(super) fn text(&mut self, node: &Node) -> Option<String> {
        match &node.value {
            Kind::Text(text) => Some(text.clone()),
            Kind::Number(number) => Some(number.to_string()),
            Kind::Bool(flag) => Some(flag.to_string()),
            _ => {
                self.wrong(&node.span, "text belongs here");
                None
            }
        }
    }

    /// Text in which `$port` and the like are filled in.
    pub(super) fn filled_text(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        self.check_holes(node, &text)?;
        Some(text)
    }

    pub(super) fn check_holes(&mut self, node: &Node, text: &str) -> Option<()> {
        fill::check(text)
            .map_err(|reason| {
                self.problems.push(Diagnostic::at(node.span.clone(), reason).help(
                    "in a text, `$port` is the peer's port, `$host` its address, and `$$` a dollar sign",
                ));
            })
            .ok()
    }

    pub(super) fn hex(&mut self, node: &Node) -> Option<Vec<u8>> {
        let text = self.text(node)?;
        let digits: Vec<u32> =
            text.chars().filter(|c| !c.is_whitespace()).filter_map(|c| c.to_digit(16)).collect();
        if !digits.len().is_multiple_of(2)
            || digits.len() != text.chars().filter(|c| !c.is_whitespace()).count()
        {
            self.wrong(&node.span, "pairs of hexadecimal digits belong here");
            return None;
        }
        Some(digits.chunks_exact(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect())
    }

    /// A size or time: small enough to be allocated or waited for.
    pub(super) fn small(&mut self, node: &Node) -> Option<u32> {
        match &node.value {
            Kind::Number(number) if (0..=16 << 20).contains(number) => Some(*number as u32),
            _ => {
                self.wrong(&node.span, "a number from 0 to 16777216 belongs here");
                None
            }
        }
    }

    /// A length or a number of times.
    pub(super) fn count(&mut self, node: &Node) -> Option<u64> {
        match &node.value {
            Kind::Number(number) if (0..=1 << 40).contains(number) => Some(*number as u64),
            _ => {
                self.wrong(&node.span, "a number from 0 to 1099511627776 belongs here");
                None
            }
        }
    }

    pub(super) fn flag(&mut self, entries: &Entries, name: &str) -> bool {
        match get(entries, name) {
            None => false,
            Some((_, Node { value: Kind::Bool(flag), .. })) => *flag,
            Some((_, node)) => {
                self.wrong(&node.span, format!("`{name}` takes true or false"));
                false
            }
        }
    }

    pub(super) fn map<'b>(
        &mut self,
        node: &'b Node,
        of: &str,
        words: &'static [Word],
    ) -> Option<&'b Entries> {
        let Kind::Map(entries) = &node.value else {
            self.wrong(&node.span, format!("{of} is a mapping"));
            return None;
        };
        let before = self.problems.len();
        for (key, _) in entries {
            known(key, words, of, self.problems);
        }
        (self.problems.len() == before).then_some(entries)
    }
}

/// Whether a number, or a negative one in two's complement, fits that many bits.
fn fits(value: u64, bits: u32) -> bool {
    let sign = value >> (bits - 1);
    bits == 64 || value >> bits == 0 || sign == u64::MAX >> (bits - 1)
}
